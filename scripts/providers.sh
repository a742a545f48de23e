#!/usr/bin/env bash
# Installs the OpenID providers that the tests sign in with.
#
#   scripts/providers.sh
#
# Promises: npm's oidc-provider below tests/support/oidc-provider, and PyPI's canaille below .tools, in exactly the
# versions that are written down; does nothing when that was done already.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

node_provider=$REPO_DIR/tests/support/oidc-provider

install_node_provider() {
  local done=$node_provider/node_modules/.installed
  cmp -s "$node_provider/package-lock.json" "$done" && return
  scripts/install-packages.sh node
  (cd "$node_provider" && npm ci --silent --no-audit --no-fund)
  cp "$node_provider/package-lock.json" "$done"
}

install_python_provider() {
  local wanted=$REPO_DIR/tests/support/canaille/requirements.txt place=$REPO_DIR/.tools/canaille
  cmp -s "$wanted" "$place/installed" && return
  scripts/install-packages.sh python
  rm -rf "$place"
  python3 -m venv "$place"
  "$place/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$wanted"
  cp "$wanted" "$place/installed"
}

cd "$REPO_DIR"
install_node_provider
install_python_provider
