#!/usr/bin/env bash
# Runs the promises about bytes of strangers (src/fuzzing.rs) under libFuzzer.
#
#   scripts/fuzz.sh SECONDS [TARGET...]     each target for so long; without targets: all of fuzz/fuzz_targets
#
# Promises: installs a C++ compiler and cargo-fuzz when they are missing, and says so when they cannot be had. Keeps what
# it learned in fuzz/corpus and goes on from there the next time. An input that broke a promise lies in fuzz/artifacts;
# put beside fuzz/seeds/TARGET it is tried by every `make test`.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$REPO_DIR"

seconds=${1:-60}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || die "say for how many seconds: make fuzz FOR=600"
shift $(($# > 0))
targets=("$@")
known=$(cd fuzz/fuzz_targets && printf '%s\n' *.rs | sed 's/\.rs$//')
for target in "${targets[@]}"; do
  grep -qxF -- "$target" <<<"$known" || die "there is no target $target; there are: ${known//$'\n'/ }"
done
((${#targets[@]})) || mapfile -t targets <<<"$known"

scripts/install-packages.sh build
cargo fuzz --version >/dev/null 2>&1 || cargo install --quiet --locked cargo-fuzz ||
  die "cargo-fuzz is missing and cannot be installed: cargo install --locked cargo-fuzz"

# No sanitizer: there is no unsafe code here for one to watch, and without one the stable toolchain does. What counts the
# branches is put in all the same.
watched=(--sanitizer none)
export SQLX_OFFLINE=true

cargo fuzz build "${watched[@]}" || die "the targets cannot be built: libFuzzer needs a C++ compiler besides cargo-fuzz"
broken=()
for target in "${targets[@]}"; do
  mkdir -p "fuzz/corpus/$target"
  say "$target: $seconds s"
  cargo fuzz run "${watched[@]}" "$target" "fuzz/corpus/$target" "fuzz/seeds/$target" -- \
    -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 -verbosity=0 ||
    broken+=("$target")
done
((${#broken[@]} == 0)) || die "a promise was broken: ${broken[*]}; the inputs are in fuzz/artifacts"
say "no promise was broken"
