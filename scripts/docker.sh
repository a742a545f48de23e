#!/usr/bin/env bash
# A Docker Engine to work with: the one that is there, or one of our own.
#
#   scripts/docker.sh start   an engine answers afterwards; prints the DOCKER_HOST to use
#   scripts/docker.sh env     prints `export DOCKER_HOST=...` for the engine in use (for eval)
#   scripts/docker.sh stop    stops the engine this script started, and only that one
#
# Promises: an engine that already answers (DOCKER_HOST, or the default socket) is used and never
# touched. Otherwise dockerd is installed if missing and started with its data, log and pid below
# $DATA_DIR/docker (default .data/docker). When it does not come up, the end of its log says why.
# Stopping sends dockerd SIGTERM, which stops its containers cleanly first.
#
# Settings: DATA_DIR, DOCKER_SOCKET (default /var/run/docker.sock), DOCKER_WAIT seconds (default 60).
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

home=$DATA_DIR/docker
log=$home/dockerd.log
pidfile=$home/dockerd.pid
socket=${DOCKER_SOCKET:-/var/run/docker.sock}

# The host to talk to: what the caller chose, else the socket of our engine, else the usual one.
host() {
  if [[ -n ${DOCKER_HOST:-} ]]; then
    echo "$DOCKER_HOST"
  elif [[ -r $home/host ]]; then
    cat "$home/host"
  else
    echo "unix://$socket"
  fi
}

answers() { command -v docker >/dev/null && docker -H "$1" version >/dev/null 2>&1; }

our_pid() {
  local pid
  [[ -r $pidfile ]] && pid=$(<"$pidfile") && is_process "$pid" dockerd && echo "$pid"
}

gone() { ! our_pid >/dev/null; }

refuse_foreign_socket() {
  # A socket we may not open belongs to somebody's engine: starting a second one would fight with it.
  if [[ -S $socket && ! -w $socket ]]; then
    die "there is a Docker socket at $socket, but this user may not use it: join the group docker, or set DOCKER_HOST"
  fi
}

start() {
  local at
  at=$(host)
  if answers "$at"; then
    echo "$at"
    return
  fi
  [[ -z ${DOCKER_HOST:-} ]] || die "no Docker Engine answers at DOCKER_HOST=$DOCKER_HOST"
  refuse_foreign_socket
  "$REPO_DIR/scripts/install-packages.sh" docker
  # Installing the package may have started the machine's own engine.
  at=unix://$socket
  if answers "$at"; then
    echo "$at"
    return
  fi
  gone || die "our engine (process $(our_pid)) runs but does not answer; see $log"

  mkdir -p "$home"
  # The runtime folder holds unix sockets, whose paths are limited to 107 bytes: keep it short.
  local exec_root
  exec_root=/run/deskcast-docker-$(cksum <<<"$home" | cut -d' ' -f1)
  local began=$SECONDS
  : >"$log"
  # A killed engine leaves its pid files, and dockerd would believe them.
  local containerd=$exec_root/containerd/containerd.pid
  as_root rm -f "$pidfile"
  if [[ -r $containerd ]] && ! is_process "$(<"$containerd")" containerd; then
    as_root rm -f "$containerd"
  fi
  as_root setsid --fork dockerd \
    --data-root "$home/data" --exec-root "$exec_root" --pidfile "$pidfile" \
    --host "$at" --group "$(id -gn)" \
    </dev/null >>"$log" 2>&1

  # Waiting any longer is of no use once it has given up; it writes its pid within moments.
  decided() { answers "$at" || { ((SECONDS - began > 3)) && gone; }; }
  if ! wait_until "${DOCKER_WAIT:-60}" decided || ! answers "$at"; then
    tail -n 15 "$log" >&2
    die "dockerd did not come up within $((SECONDS - began)) s; its last words are above, all of them in $log"
  fi
  echo "$at" >"$home/host"
  say "started a Docker Engine in $((SECONDS - began)) s, data in $home"
  echo "$at"
}

stop() {
  local pid
  if ! pid=$(our_pid); then
    say "no engine of ours is running"
    rm -f "$home/host"
    return
  fi
  as_root kill -TERM "$pid"
  wait_until 60 gone || die "dockerd (process $pid) did not end within 60 s; see $log"
  rm -f "$home/host"
  say "stopped our Docker Engine"
}

case ${1:-} in
  start) start ;;
  env) echo "export DOCKER_HOST=$(host)" ;;
  stop) stop ;;
  *) die "say one of: start, env, stop" ;;
esac
