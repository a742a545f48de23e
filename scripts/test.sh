#!/usr/bin/env bash
# Checks everything, on the real thing.
#
#   scripts/test.sh all       format, lints, docs, prepared queries, every test
#   scripts/test.sh lint      the same without the tests
#   scripts/test.sh prepare   writes .sqlx/ anew
#
# Promises: installs and starts what is missing (Postgres, Docker Engine, Chromium, OpenID providers, sqlx-cli,
# cargo-nextest), builds the images the tests use, says how long each part took, stops what it started, and skips
# nothing.
#
# Settings: DATA_DIR (default .data/test), FILTER (a cargo-nextest filter for `all`).
set -euo pipefail
DATA_DIR=${DATA_DIR:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.data/test}
export DATA_DIR
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$REPO_DIR"

sqlx_version=$(sed -n '/^name = "sqlx"$/{n;s/version = "\(.*\)"/\1/p}' Cargo.lock)

parts=()
part() { # part WORDS COMMAND...
  local words=$1 began=$SECONDS
  shift
  "$@"
  took "$words" $((SECONDS - began))
}

took() { # took WORDS SECONDS
  parts+=("$(printf '%5s s  %s' "$2" "$1")")
  say "$1: $2 s"
}

# What took longest: the parts of the run, and the slowest tests of `log`.
longest() { # longest LOG
  say "what took longest, in seconds:"
  # Not `head`: it would leave early, and a `sort` that cannot finish writing counts as a failure.
  printf '%s\n' "${parts[@]}" | sort -rn | sed -n 1,6p >&2
  sed -En 's/^ *(PASS|SLOW|FAIL) \[ *([0-9.]+)s\] (\([0-9 /]+\) )?(.*)$/\2 s  \4/p' "$1" | sort -u | sort -rn |
    sed -n '1,10s/^/    /p' >&2
}

install_tools() {
  scripts/install-packages.sh build postgres "$@"
  if [[ $(cargo sqlx --version 2>/dev/null) != *" $sqlx_version" ]]; then
    cargo install --quiet --locked sqlx-cli --version "$sqlx_version" --no-default-features --features postgres,rustls
  fi
  cargo nextest --version >/dev/null 2>&1 || cargo install --quiet --locked cargo-nextest
}

clean_up() {
  [[ -z ${images_pid:-} ]] || kill "$images_pid" 2>/dev/null || true
  [[ -z ${providers_pid:-} ]] || kill "$providers_pid" 2>/dev/null || true
  [[ ! -e $DATA_DIR/postgres.place ]] || scripts/postgres.sh stop
  [[ ! -e $DATA_DIR/docker/host ]] || scripts/docker.sh stop
  # The runner's own last word stays the last.
  [[ -z ${closing:-} ]] || echo "$closing"
}

start_database() {
  DATABASE_URL=$(PG_FAST=1 scripts/postgres.sh start)
  export DATABASE_URL
  cargo sqlx migrate run >/dev/null
}

lint() {
  part "format" cargo fmt --all --check
  part "lints" env SQLX_OFFLINE=true cargo clippy --quiet --locked --workspace --all-targets -- -D warnings
  part "docs" env SQLX_OFFLINE=true RUSTDOCFLAGS="-D warnings" cargo doc --quiet --locked --workspace --no-deps --document-private-items
  part "prepared queries" cargo sqlx prepare --check
}

build_images() { scripts/images.sh all >"$DATA_DIR/images.log" 2>&1; }

# What was begun beside the checks must be whole before the first test.
wait_beside() {
  if ! wait "$providers_pid"; then
    cat "$DATA_DIR/providers.log" >&2
    die "the OpenID providers the tests need could not be installed"
  fi
  providers_pid=
  if ! wait "$images_pid"; then
    cat "$DATA_DIR/images.log" >&2
    die "the images the tests need could not be built"
  fi
  images_pid=
}

run_tests() {
  local filter=()
  [[ -z ${FILTER:-} ]] || filter=(-E "$FILTER")
  part "test programs" env SQLX_OFFLINE=true cargo build --quiet --locked --workspace --tests --bins
  part "waiting for images and providers" wait_beside
  grep ' in [0-9]* s' "$DATA_DIR/images.log" >&2 || true
  local log=$DATA_DIR/tests.log status=0 began=$SECONDS
  # Not with `part`: a failed run is to be told about, too, and must stay a failed one.
  SQLX_OFFLINE=true cargo nextest run --locked --workspace --no-fail-fast "${filter[@]}" 2>&1 | tee "$log" || status=$?
  took "running the tests" $((SECONDS - began))
  longest "$log"
  closing=$(grep -E '^ *Summary ' "$log" | tail -n 1) || true
  return "$status"
}

mkdir -p "$DATA_DIR"
trap clean_up EXIT
case ${1:-} in
  all)
    # All packages at once: the providers and images, which are made beside, must find apt's lock free.
    part "set-up" install_tools docker chromium mmdebstrap node python
    scripts/providers.sh >"$DATA_DIR/providers.log" 2>&1 &
    providers_pid=$!
    start_database
    DOCKER_HOST=$(scripts/docker.sh start)
    export DOCKER_HOST
    # The network does that while the processor builds.
    build_images &
    images_pid=$!
    lint
    run_tests
    ;;
  lint)
    install_tools
    start_database
    lint
    ;;
  prepare)
    install_tools
    start_database
    cargo sqlx prepare
    ;;
  *) die "say one of: all, lint, prepare" ;;
esac
