# Words the scripts in this folder share. Meant to be sourced, not run.
# shellcheck shell=bash

# The top of the repository, so that every script works from any directory.
REPO_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Where everything we start keeps its files: absolute, created on first use.
DATA_DIR=${DATA_DIR:-$REPO_DIR/.data}
[[ $DATA_DIR = /* ]] || DATA_DIR=$PWD/$DATA_DIR

# Progress goes to stderr: stdout is kept for the one answer a script gives.
say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
  say "$*"
  exit 1
}

# Runs a command as root: directly, or through sudo when that asks for no password.
as_root() {
  if [[ $(id -u) = 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    sudo -n "$@"
  else
    die "this needs root: run it as root, or allow sudo without a password"
  fi
}

# wait_until SECONDS COMMAND...: true as soon as the command succeeds, false when the time is over.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.2
  done
}

# is_process PID NAME: the process is alive (not a zombie that nobody has waited for) and is that
# program, not a later one with a reused number.
is_process() {
  local status
  [[ $1 =~ ^[0-9]+$ ]] && status=$(cat "/proc/$1/status" 2>/dev/null) || return 1
  [[ $status = "Name:"$'\t'"$2"$'\n'* && $status != *"State:"$'\t'Z* ]]
}
