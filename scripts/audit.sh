#!/usr/bin/env bash
# Looks at all crates this project is made of, by the rules of deny.toml.
#
# Promises: licences, bans and sources are looked at in any case; known vulnerabilities (advisories) where the database
# of RustSec can be reached, and it says so where it cannot. Installs cargo-deny when it is missing.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$REPO_DIR"
cargo deny --version >/dev/null 2>&1 || cargo install --quiet --locked cargo-deny
cargo deny --locked check licenses bans sources
if timeout 60 cargo deny fetch db >/dev/null 2>&1; then
  cargo deny --locked check advisories
else
  say "advisories were not looked at: their database cannot be reached from here"
fi
