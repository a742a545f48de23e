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

# beside COMMAND...: runs it while this goes on; sets `beside`. A process group of its own, so that its end takes
# along what it started.
beside() {
  set -m
  "$@" </dev/null &
  beside=$!
  set +m
  all_beside+=("$beside")
}
all_beside=()

stop_beside() {
  local group
  for group in "${all_beside[@]}"; do
    kill -TERM -- "-$group" 2>/dev/null || true
  done
}

stop_all() {
  trap - EXIT
  trap '' INT TERM
  stop_beside
  stop_server
  stop_desktops || true
  [[ ! -e $DATA_DIR/postgres.place ]] || scripts/postgres.sh stop
  [[ ! -e $DATA_DIR/check/postgres.place ]] || DATA_DIR=$DATA_DIR/check scripts/postgres.sh stop
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

# step WORDS: what is being done now, and how long the start has taken so far.
step() {
  at=$((at + 1))
  say "[$at/$steps] $* (after $SECONDS s)"
}

# Says what the images are doing, line by line, beside the lines of cargo.
build_images() {
  if ! scripts/images.sh desktop browser; then
    say "the built-in desktop images could not be built (see above); other desktop types work"
  fi
}

# The queries were checked when they were prepared; the database of this run need not be asked.
build_server() { # build_server PROFILE
  case $1 in
    release) SQLX_OFFLINE=true cargo build --locked --release --package deskcast ;;
    dev) SQLX_OFFLINE=true cargo build --package deskcast ;;
  esac
}

# The whole of a start: packages, engine and database, images beside the server.
serve() {
  local profile=$1 binary server= images
  at=0 steps=4
  mkdir -p "$DATA_DIR"
  if ! server_gone; then
    die "it runs already (process $(server_pid)); 'make stop' ends it"
  fi
  trap stop_all EXIT
  trap 'exit 0' INT TERM
  local needs=(build)
  [[ -n ${DATABASE_URL:-}${DATABASE_URI:-} ]] || needs+=(postgres)
  [[ -n ${DOCKER_HOST:-} ]] || needs+=(docker mmdebstrap)
  step "packages: ${needs[*]}"
  # The compiler need not wait for apt, unless it needs a linker from there.
  if command -v cc >/dev/null; then
    beside build_server "$profile"
    server=$beside
  fi
  scripts/install-packages.sh "${needs[@]}"
  step "Docker Engine and Postgres"
  DOCKER_HOST=$(scripts/docker.sh start)
  if [[ -z ${DATABASE_URL:-} && -z ${DATABASE_URI:-} ]]; then
    DATABASE_URL=$(scripts/postgres.sh start)
    export DATABASE_URL
  fi
  export DOCKER_HOST
  choose_password
  choose_key
  step "the server and, beside it, the desktop images; the first time this takes some minutes"
  beside build_images
  images=$beside
  if [[ -z $server ]]; then
    beside build_server "$profile"
    server=$beside
  fi
  wait "$server" || die "the server could not be built, see above"
  binary=${CARGO_TARGET_DIR:-target}/$([[ $profile = release ]] && echo release || echo debug)/deskcast
  wait "$images" || true
  step "starting the server"
  while true; do
    "$binary" serve &
    echo $! >"$pidfile"
    remember_installation &
    say_where
    if [[ $profile = release ]]; then
      wait "$(<"$pidfile")" || true
      return
    fi
    wait_for_change
    if SQLX_OFFLINE=true cargo build --quiet --package deskcast; then
      stop_server
    fi
  done
}

# The last line of a start: where it is, and how to get in.
say_where() {
  local url=${PUBLIC_URL:-http://${LISTEN:-127.0.0.1:8080}}
  # By its number alone: a process that was begun just now does not have its name yet.
  ended() { ! kill -0 "$(<"$pidfile")" 2>/dev/null; }
  answers() { ended || "$binary" healthcheck 2>/dev/null; }
  if ! wait_until 60 answers || ended; then
    return 0
  fi
  say "Deskcast is at $url - sign in as ${ADMIN_USERNAME:-admin} with the password $ADMIN_PASSWORD (unless it was changed since); ready after $SECONDS s"
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
