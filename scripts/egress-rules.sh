#!/usr/bin/env bash
# The firewall's rules that keep desktops from this host and from private networks: for an administrator, on the host of
# the container engine, where the server itself may not set them.
#
#   scripts/egress-rules.sh set    [FILE]   puts the rules into force (again)
#   scripts/egress-rules.sh check  [FILE]   says whether they are in force; ends with 1 if not
#   scripts/egress-rules.sh remove [FILE]   takes them out
#
# The rules are what `deskcast egress-rules` prints; FILE holds that, "-" reads it from standard input. Without FILE this
# script asks the container of docker-compose.yml, or else `deskcast` itself.
#
# Promises: only chains whose names begin with DESKCAST- are made, filled and removed, and only jumps to them; all of it
# or nothing comes into force; doing it twice changes nothing. Needs root and iptables.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

asked() {
  if [[ -n ${1:-} ]]; then
    cat -- "$1"
  elif command -v docker >/dev/null && [[ -n $(docker compose --project-directory "$REPO_DIR" ps -q deskcast 2>/dev/null) ]]; then
    docker compose --project-directory "$REPO_DIR" exec -T deskcast deskcast egress-rules
  elif command -v deskcast >/dev/null; then
    deskcast egress-rules
  else
    die "no rules: give a file with the output of 'deskcast egress-rules'"
  fi
}

# The part of one family, without comments; empty where this host does not speak it.
part() { # part IPv4|IPv6
  [[ $1 = IPv4 || -e /proc/net/if_inet6 ]] || return 0
  awk -v title="# $1" '/^# IPv/ { on = ($0 == title) } on && !/^#/' <<<"$rules"
}

chains() { awk '/^:/ { print substr($1, 2) }' <<<"$1"; }

program() { [[ $1 = IPv4 ]] && echo iptables || echo ip6tables; }

# Where a chain is hooked in. The engine looks after IPv4 alone, as a rule.
hook() { # hook FAMILY CHAIN
  case $2 in
    DESKCAST-IN-*) echo INPUT ;;
    DESKCAST-FWD-*) [[ $1 = IPv4 ]] && echo DOCKER-USER || echo FORWARD ;;
    *) die "$2 is no chain of these rules" ;;
  esac
}

# The jumps to a chain that are there, one a line.
jumps() { # jumps FAMILY CHAIN
  as_root "$(program "$1")" --wait 5 -S "$(hook "$1" "$2")" | grep -Fx -- "-A $(hook "$1" "$2") -j $2" || true
}

# As the server looks: both chains whole, and each jumped to before anything but other chains of this kind.
in_force() { # in_force FAMILY TEXT
  local chain first
  for chain in $(chains "$2"); do
    diff -q <(grep -e "^-A $chain " <<<"$2") \
      <(as_root "$(program "$1")" --wait 5 -S "$chain" 2>/dev/null | grep -e '^-A') >/dev/null || return 1
    first=$(as_root "$(program "$1")" --wait 5 -S "$(hook "$1" "$chain")" | grep -e '^-A' |
      awk -v wanted="-j $chain" '{ to = $3 " " $4 } to == wanted { print "there"; exit } to !~ /^-j DESKCAST-/ { exit }')
    [[ $first = there ]] || return 1
  done
}

# Takes out the jumps that are there, so that a chain can be hooked in anew or removed.
unhooked() { # unhooked FAMILY CHAIN
  jumps "$1" "$2" | sed 's/^-A/-D/'
}

each_family() { # each_family VERB
  local family text
  for family in IPv4 IPv6; do
    text=$(part "$family")
    [[ -z $text ]] || "$1" "$family" "$text"
  done
}

set_rules() {
  if [[ $1 = IPv4 ]]; then
    as_root iptables --wait 5 -S DOCKER-USER >/dev/null 2>&1 ||
      die "the engine has no chain DOCKER-USER: let it use iptables, and start it"
  fi
  {
    grep -v '^COMMIT$' <<<"$2"
    local chain
    for chain in $(chains "$2"); do
      unhooked "$1" "$chain"
      echo "-I $(hook "$1" "$chain") 1 -j $chain"
    done
    echo COMMIT
  } | as_root "$(program "$1")-restore" --noflush --wait 5
  in_force "$1" "$2" || die "$1: the rules were taken and are not in force; compare with $(program "$1") -S"
  say "$1: in force"
}

check_rules() {
  if in_force "$1" "$2"; then
    say "$1: in force"
  else
    say "$1: not in force"
    lacking=yes
  fi
}

remove_rules() {
  {
    echo "*filter"
    local chain
    for chain in $(chains "$2"); do
      as_root "$(program "$1")" --wait 5 -S "$chain" >/dev/null 2>&1 || continue
      unhooked "$1" "$chain"
      printf -- '-F %s\n-X %s\n' "$chain" "$chain"
    done
    echo COMMIT
  } | as_root "$(program "$1")-restore" --noflush --wait 5
  say "$1: removed"
}

lacking=
case ${1:-} in
  set | check | remove)
    rules=$(asked "${2:-}")
    [[ $rules = "# IPv4"* ]] || die "these are no rules of 'deskcast egress-rules'"
    each_family "${1}_rules"
    [[ -z $lacking ]]
    ;;
  *) die "say one of: set, check, remove" ;;
esac
