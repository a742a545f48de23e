#!/usr/bin/env bash
# A private Postgres for development and tests, apart from any other on the machine.
#
#   scripts/postgres.sh start   it answers afterwards; prints its DATABASE_URL
#   scripts/postgres.sh url     prints the DATABASE_URL of the one that runs
#   scripts/postgres.sh stop    stops it; the data stay
#
# Promises: listens on 127.0.0.1 only, on a free port kept in $DATA_DIR/postgres.port, with a random
# password; never runs as root; holds a database "deskcast" owned by a superuser "deskcast", so that
# tests can make databases. Starting twice is harmless, and so is what a kill -9 leaves behind.
#
# Settings: DATA_DIR (default .data), PG_FAST=1 (no fsync: for tests, data may be lost with the
# machine), PG_WAIT seconds (default 30).
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

port_file=$DATA_DIR/postgres.port
password_file=$DATA_DIR/postgres.password
place_file=$DATA_DIR/postgres.place

# Postgres refuses to run as root; the package brings a user for it.
as_owner() {
  if [[ $(id -u) = 0 ]]; then
    # From a folder that user may enter, or every program of Postgres complains.
    (cd / && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}

# Sets `bin`: the newest version's programs.
find_programs() {
  "$REPO_DIR/scripts/install-packages.sh" postgres
  bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
  [[ -x $bin/initdb ]] || die "no Postgres programs below /usr/lib/postgresql"
}

# Sets `place`: the folder of the cluster and its log. Below DATA_DIR unless the owner cannot get there.
find_place() {
  if [[ -r $place_file ]]; then
    place=$(<"$place_file")
    [[ -d $place ]] && return
  fi
  place=$DATA_DIR/postgres
  if ! as_owner test -x "$DATA_DIR"; then
    place=/var/lib/deskcast-postgres-$(cksum <<<"$DATA_DIR" | cut -d' ' -f1)
    say "the user postgres cannot reach $DATA_DIR, so its data go to $place"
  fi
  mkdir -p "$place"
  chmod 700 "$place"
  [[ $(id -u) != 0 ]] || chown postgres: "$place"
  echo "$place" >"$place_file"
}

url() {
  [[ -r $port_file && -r $password_file ]] || die "not started yet: run '$0 start'"
  echo "postgres://deskcast:$(<"$password_file")@127.0.0.1:$(<"$port_file")/deskcast"
}

running_pid() {
  local pid
  [[ -r $place/data/postmaster.pid ]] || return 1
  pid=$(head -n 1 "$place/data/postmaster.pid")
  is_process "$pid" postgres && echo "$pid"
}

answers() { "$bin/pg_isready" -q -h 127.0.0.1 -p "$(<"$port_file")"; }

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Keeps the port of the last time when it is free, so that a DATABASE_URL in use stays right.
choose_port() {
  local port
  [[ -r $port_file ]] && port_is_free "$(<"$port_file")" && return
  while port=$((20000 + RANDOM % 10000)); do
    port_is_free "$port" && break
  done
  echo "$port" >"$port_file"
}

create_cluster() {
  local password
  password=$(od -An -N18 -tx1 /dev/urandom | tr -d ' \n')
  (umask 077 && echo "$password" >"$password_file")
  # shellcheck disable=SC2016 # the inner shell is the one to expand $1
  as_owner sh -c 'umask 077 && cat >"$1"' sh "$place/first-password" <<<"$password"
  as_owner "$bin/initdb" --pgdata="$place/new" --username=deskcast --auth=scram-sha-256 \
    --pwfile="$place/first-password" --encoding=UTF8 --locale=C.UTF-8 --no-sync >/dev/null
  rm -f "$place/first-password"
  # The final name appears only when the cluster is whole.
  mv "$place/new" "$place/data"
}

launch() {
  local fast=()
  [[ ${PG_FAST:-} != 1 ]] || fast=(-c fsync=off -c synchronous_commit=off -c full_page_writes=off)
  choose_port
  as_owner setsid --fork "$bin/postgres" -D "$place/data" \
    -c listen_addresses=127.0.0.1 -c "port=$(<"$port_file")" -c unix_socket_directories= \
    -c max_connections=300 "${fast[@]}" </dev/null >>"$place/postgres.log" 2>&1
}

# One try to get an answer: starts the server when none runs (the first start after a kill -9 can
# meet its dying helpers and end again) and tells whether it answers.
come_up() {
  running_pid >/dev/null || {
    # A pid file whose number now belongs to another program would keep Postgres from starting.
    [[ ! -e $place/data/postmaster.pid ]] || rm -f "$place/data/postmaster.pid"
    launch
    sleep 0.3
  }
  answers
}

start() {
  mkdir -p "$DATA_DIR"
  find_programs
  find_place
  if [[ ! -d $place/data ]]; then
    rm -rf "$place/new"
    create_cluster
  fi
  if ! running_pid >/dev/null || ! answers; then
    if ! wait_until "${PG_WAIT:-30}" come_up; then
      tail -n 15 "$place/postgres.log" >&2
      die "Postgres did not answer within ${PG_WAIT:-30} s; its last words are above"
    fi
  fi
  local admin
  admin=$(url)
  admin=${admin%/*}/postgres
  if [[ -z $("$bin/psql" -XAtq "$admin" -c "select 1 from pg_database where datname = 'deskcast'") ]]; then
    "$bin/psql" -XAtq "$admin" -c 'create database deskcast'
  fi
  url
}

stop() {
  [[ -r $place_file ]] || { say "nothing to stop"; return; }
  find_programs
  find_place
  if ! running_pid >/dev/null; then
    say "it is not running"
    return
  fi
  as_owner "$bin/pg_ctl" -D "$place/data" -m fast -w -t 30 stop >/dev/null
  say "stopped Postgres"
}

case ${1:-} in
  start) start ;;
  url) url ;;
  stop) stop ;;
  *) die "say one of: start, url, stop" ;;
esac
