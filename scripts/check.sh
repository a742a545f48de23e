#!/usr/bin/env bash
# Runs the tests whose name has all the given words, against a fast Postgres alone: for the minutes while something
# is being written. `make test` stays the whole.
#
#   scripts/check.sh WORDS...
#
# Promises: builds only the programs that have such tests (the rules in src/, the HTTP tests in tests/it), needs
# neither Docker nor Chromium, and leaves its Postgres running for the next time; `make stop` ends it.
#
# Settings: DATA_DIR (default .data/check).
set -euo pipefail
DATA_DIR=${DATA_DIR:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/.data/check}
export DATA_DIR
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$REPO_DIR"

(($#)) || die "which tests? make check T='words of their names'"
filter=
for word in "$@"; do
  filter+="${filter:+ and }test($word)"
done

# has FOLDER WORDS...: a test there has every word in its name.
has() {
  local folder=$1 names word
  shift
  names=$(find "$folder" -name '*.rs' -exec awk '
    /^ *#\[.*test/ { test = 1 }
    test && match($0, /fn [a-z0-9_]+/) { print FILENAME "::" substr($0, RSTART + 3, RLENGTH - 3); test = 0 }' {} + |
    sed 's#\.rs::#::#; s#/mod::#::#; s#/#::#g')
  for word in "$@"; do
    names=$(grep -F -- "$word" <<<"$names") || return 1
  done
}
programs=()
! has src "$@" || programs+=(--lib)
! has tests/it "$@" || programs+=(--test it)
((${#programs[@]})) || die "no test has the words '$*' in its name"

command -v cargo-nextest >/dev/null || cargo install --quiet --locked cargo-nextest
DATABASE_URL=$(PG_FAST=1 scripts/postgres.sh start)
export DATABASE_URL SQLX_OFFLINE=true
exec cargo nextest run --locked --package deskcast "${programs[@]}" -E "$filter"
