#!/usr/bin/env bash
# Makes sure the named tools are on this machine, from Debian's own packages.
#
#   scripts/install-packages.sh docker|postgres|chromium|mmdebstrap|node|python|build|nginx ...
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

(($#)) || die "name what you need: docker postgres chromium mmdebstrap node python build nginx"
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
    *) die "unknown tool '$name': one of docker postgres chromium mmdebstrap node python build nginx" ;;
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
# The package starts a server on port 80 that nobody asked for: the benchmark starts one of its own.
if [[ " ${missing[*]} " = *" nginx-light "* && -d /run/systemd/system ]]; then
  as_root systemctl disable --quiet --now nginx || true
fi
