#!/usr/bin/env bash
# Makes sure the named tools are on this machine, from Debian's own packages.
#
#   scripts/install-packages.sh docker|postgres|chromium|mmdebstrap|node|python|build|nginx|haproxy|caddy ...
#
# Promises: does nothing (and contacts nobody) when every tool is there already; asks apt for the
# missing ones only; works as root or with a sudo that asks nothing; otherwise says what to do.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# /usr/sbin is not in every user's PATH, and dockerd lives there.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

has() { command -v "$1" >/dev/null; }

missing=()
need() { # need PROGRAM PACKAGE
  has "$1" || missing+=("$2")
}

(($#)) || die "name what you need: docker postgres chromium mmdebstrap node python build nginx haproxy caddy"
for name in "$@"; do
  case $name in
    docker)
      need dockerd docker.io
      need docker docker.io
      need iptables iptables
      ;;
    postgres)
      # Debian keeps the server's programs out of PATH, one folder per version.
      compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
      ;;
    chromium)
      need chromium chromium
      need chromedriver chromium-driver
      ;;
    mmdebstrap) need mmdebstrap mmdebstrap ;;
    node)
      need node nodejs
      need npm npm
      ;;
    python)
      python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
      ;;
    build)
      need cc build-essential
      need pkg-config pkg-config
      ;;
    nginx) need nginx nginx-light ;;
    haproxy | caddy) need "$name" "$name" ;;
    *) die "unknown tool '$name': one of docker postgres chromium mmdebstrap node python build nginx haproxy caddy" ;;
  esac
done

((${#missing[@]})) || exit 0
has apt-get || die "missing: ${missing[*]}; this machine has no apt-get, please install them yourself"
say "installing ${missing[*]}"
as_root true # says so now when that is not possible, not in the log below
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@" >"$log" 2>&1 && return
  tail -n 15 "$log" >&2
  die "apt-get $1 failed"
}
apt update
apt install --no-install-recommends "${missing[@]}"
# These packages start a server that nobody asked for (two on port 80): the benchmark starts its own.
for service in nginx haproxy caddy; do
  if [[ " ${missing[*]} " = *" $service"* && -d /run/systemd/system ]]; then
    as_root systemctl disable --quiet --now "$service" || true
  fi
done
