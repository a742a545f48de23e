#!/usr/bin/env bash
# Runs Deskcast on this machine.
#
#   scripts/run.sh release   build and serve; Ctrl-C stops everything this started
#   scripts/run.sh dev       the same with a debug build, built and started again when a file changes
#   scripts/run.sh stop      stops what a run left: server, desktops, Postgres and Docker Engine of ours
#
# Promises: uses DATABASE_URL and DOCKER_HOST when they are set, else starts a private Postgres and, where none
# answers, a Docker Engine of its own below $DATA_DIR (default .data). Builds the built-in images when they are
# missing. Prints the address and the first administrator's password, and makes a SECRET_KEY where none is set. Rows,
# files, images and the key stay for the next run.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$REPO_DIR"

pidfile=$DATA_DIR/deskcast.pid
password_file=$DATA_DIR/admin-password
key_file=$DATA_DIR/secret-key

server_pid() {
  local pid
  [[ -r $pidfile ]] && pid=$(<"$pidfile") && is_process "$pid" deskcast && echo "$pid"
}

server_gone() { ! server_pid >/dev/null; }

stop_server() {
  local pid
  if pid=$(server_pid); then
    kill -TERM "$pid" 2>/dev/null || true
    wait_until 5 server_gone || kill -TERM "$pid" 2>/dev/null || true
    wait_until 10 server_gone || kill -KILL "$pid" 2>/dev/null || true
  fi
  rm -f "$pidfile"
}

# Containers that only this installation made; their homes are volumes and stay.
stop_desktops() {
  local installation ids
  [[ -r $DATA_DIR/installation ]] || return 0
  installation=$(<"$DATA_DIR/installation")
  mapfile -t ids < <(docker ps -q --filter "label=deskcast.installation=$installation" 2>/dev/null)
  ((${#ids[@]})) || return 0
  docker stop -t 5 "${ids[@]}" >/dev/null && say "stopped ${#ids[@]} desktops"
}

stop_all() {
  trap - EXIT
  trap '' INT TERM
  stop_server
  stop_desktops || true
  [[ ! -e $DATA_DIR/postgres.place ]] || scripts/postgres.sh stop
  [[ ! -e $DATA_DIR/docker/host ]] || scripts/docker.sh stop
}

# The first administrator's password is chosen here, so that every run can show it again.
choose_password() {
  if [[ -z ${ADMIN_PASSWORD:-} ]]; then
    if [[ ! -r $password_file ]]; then
      (umask 077 && od -An -N12 -tx1 /dev/urandom | tr -d ' \n' | sed 's/..../&-/g; s/-$//' >"$password_file")
    fi
    ADMIN_PASSWORD=$(<"$password_file")
    export ADMIN_PASSWORD
  fi
}

# The same key in every run: what is stored encrypted must stay readable.
choose_key() {
  if [[ -z ${SECRET_KEY:-} ]]; then
    if [[ ! -r $key_file ]]; then
      (umask 077 && od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"$key_file")
    fi
    SECRET_KEY=$(<"$key_file")
    export SECRET_KEY
  fi
}

build_images() {
  local log=$DATA_DIR/images.log
  if scripts/images.sh desktop browser >"$log" 2>&1; then
    sed -n 's/^images.sh: \(.* built in\)/\1/p' "$log" >&2
  else
    tail -n 15 "$log" >&2
    say "the built-in desktop images could not be built (see above); other desktop types work"
  fi
}

serve() {
  local profile=$1 binary images
  mkdir -p "$DATA_DIR"
  if ! server_gone; then
    die "it runs already (process $(server_pid)); 'make stop' ends it"
  fi
  scripts/install-packages.sh build
  trap stop_all EXIT
  trap 'exit 0' INT TERM
  DOCKER_HOST=$(scripts/docker.sh start)
  if [[ -z ${DATABASE_URL:-} && -z ${DATABASE_URI:-} ]]; then
    DATABASE_URL=$(scripts/postgres.sh start)
    export DATABASE_URL
  fi
  export DOCKER_HOST
  choose_password
  choose_key
  build_images &
  images=$!
  # The queries were checked when they were prepared; the database of this run need not be asked.
  export SQLX_OFFLINE=true
  if [[ $profile = release ]]; then
    cargo build --quiet --locked --release --package deskcast
    binary=${CARGO_TARGET_DIR:-target}/release/deskcast
  else
    cargo build --quiet --package deskcast
    binary=${CARGO_TARGET_DIR:-target}/debug/deskcast
  fi
  wait "$images" || true
  say "sign in as ${ADMIN_USERNAME:-admin} with the password $ADMIN_PASSWORD (unless it was changed since)"
  while true; do
    "$binary" serve &
    echo $! >"$pidfile"
    if [[ $profile = release ]]; then
      remember_installation &
      wait "$(<"$pidfile")" || true
      return
    fi
    remember_installation &
    wait_for_change
    if cargo build --quiet --package deskcast; then
      stop_server
    fi
  done
}

# Which containers are ours is written in the database; kept beside it for `make stop`.
remember_installation() {
  local bin=/usr/bin/psql
  command -v "$bin" >/dev/null || return 0
  for _ in $(seq 50); do
    if "$bin" -XAtq "${DATABASE_URL:-${DATABASE_URI:-}}" -c 'select id from installation' >"$DATA_DIR/installation.new" 2>/dev/null; then
      mv "$DATA_DIR/installation.new" "$DATA_DIR/installation"
      return 0
    fi
    sleep 0.2
  done
}

wait_for_change() {
  local before
  before=$(fingerprint)
  while [[ $(fingerprint) = "$before" ]] && ! server_gone; do
    sleep 1
  done
  # A server that ended by itself waits for the next change, too.
  while [[ $(fingerprint) = "$before" ]]; do
    sleep 1
  done
}

fingerprint() { find src templates static migrations Cargo.toml -type f -printf '%p %T@\n' | LC_ALL=C sort | cksum; }

case ${1:-} in
  release | dev) serve "$1" ;;
  stop)
    DOCKER_HOST=$(scripts/docker.sh env | sed 's/^export DOCKER_HOST=//')
    export DOCKER_HOST
    stop_all
    ;;
  *) die "say one of: release, dev, stop" ;;
esac
