#!/usr/bin/env bash
# Measures, each beside peers in the same run: how long a start takes, and what streams and requests cost.
#
#   scripts/bench.sh               everything
#   scripts/bench.sh start         a new person's desktop, beside `docker run` of the same image
#   scripts/bench.sh stream        streams and their memory, beside nginx, HAProxy and Caddy
#   scripts/bench.sh passthrough   requests to a web application, beside the same three
#   scripts/bench.sh growth        pages of a large installation, beside those of a small one
#   scripts/bench.sh streams_of_events   a change and a start beside 3,000 streams of events, and without them
#
# Promises: installs and starts what is missing (Postgres, Docker Engine, the peers), builds the images and a release,
# measures for about seven minutes, says whether the goals are met, stops what it started. Its last line counts the
# goals; it fails when one is missed. Everything stays on 127.0.0.1. docs/BENCHMARKS.md explains the tables.
#
# Settings: DATA_DIR (default .data/bench), ROUNDS of starts (default 10).
set -euo pipefail
DATA_DIR=${DATA_DIR:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.data/bench}
export DATA_DIR
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$REPO_DIR"
# /usr/sbin is not in every user's PATH, and nginx lives there.
PATH=$PATH:/usr/sbin

# One [[bench]] of Cargo.toml each, in the order in which they run; ARGUMENTS are for those that take any.
BENCHES=(start stream passthrough growth streams_of_events)
declare -A ARGUMENTS=([start]=${ROUNDS:-10})

results=$DATA_DIR/results.txt
images_pid=

clean_up() {
  [[ -z $images_pid ]] || kill "$images_pid" 2>/dev/null || true
  [[ ! -e $DATA_DIR/postgres.place ]] || scripts/postgres.sh stop
  [[ ! -e $DATA_DIR/docker/host ]] || scripts/docker.sh stop
}

build() {
  local began=$SECONDS
  # The queries were checked when they were prepared; no database need be asked.
  SQLX_OFFLINE=true cargo bench --quiet --locked --profile dist --no-run "${BENCHES[@]/#/--bench=}"
  say "the release and the benchmarks: $((SECONDS - began)) s"
  if ! wait "$images_pid"; then
    cat "$DATA_DIR/images.log" >&2
    die "the images could not be built"
  fi
  images_pid=
}

# measure NAME [ARGUMENT]...: a missed goal is told by the tables, everything else that fails ends the run.
measure() {
  local name=$1 began=$SECONDS
  shift
  : >"$results.$name"
  SQLX_OFFLINE=true cargo bench --quiet --locked --profile dist --bench "$name" -- "$@" | tee "$results.$name" || true
  grep -q '^  goal ' "$results.$name" || die "the benchmark $name broke off"
  cat "$results.$name" >>"$results"
  say "$name: $((SECONDS - began)) s"
}

mkdir -p "$DATA_DIR"
(($#)) || set -- "${BENCHES[@]}"
for name in "$@"; do
  [[ " ${BENCHES[*]} " = *" $name "* ]] || die "unknown benchmark '$name': one of ${BENCHES[*]}"
done
trap clean_up EXIT
scripts/install-packages.sh build postgres docker nginx haproxy caddy
DOCKER_HOST=$(scripts/docker.sh start)
DATABASE_URL=$(scripts/postgres.sh start)
export DOCKER_HOST DATABASE_URL
# The network does that while the processor builds.
scripts/images.sh desktop standin >"$DATA_DIR/images.log" 2>&1 &
images_pid=$!
build

# Five hundred streams, and three thousand of events, have several file descriptors each.
ulimit -n "$(ulimit -Hn)"
: >"$results"
say "measuring; the machine's load is $(cut -d' ' -f1 /proc/loadavg), and other programs that work now are in the figures"
for name in "$@"; do
  measure "$name" ${ARGUMENTS[$name]:-}
done
missed=$(grep -c '^  goal MISSED' "$results" || true)
printf '\n%s passed, %s failed\n' "$(grep -c '^  goal met' "$results" || true)" "$missed"
((missed == 0))
