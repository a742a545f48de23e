#!/usr/bin/env bash
# Builds the images of this repository, each only when it is missing or its inputs have changed.
#
#   scripts/images.sh [desktop] [browser] [standin] [all]     (nothing named: desktop and browser)
#
#   desktop   deskcast/desktop:latest   a small Debian desktop
#   browser   deskcast/browser:latest   Chromium alone, on top of the desktop image
#   standin   deskcast/kasm-standin:old and :new, which imitate a Kasm workspace in tests
#
# Promises: needs no registry. The base is Debian's own image when it can be pulled quickly, else one
# made here from Debian's packages. What an image was built from is kept as its label
# "deskcast.inputs". Says how long each image took. Works with the builder of a plain docker.io.
#
# Settings: DOCKER_HOST, CARGO_TARGET_DIR, BUILD_NETWORK (docker build --network; "host" helps where
# the bridge has no way out), PULL_WAIT seconds (default 30).
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

export DOCKER_BUILDKIT=0
base=deskcast/base:bookworm

# hash_of FOLDER: one number for the content of a folder, whatever its times and owners.
hash_of() {
  (cd "$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16)
}

# is_current IMAGE INPUTS: the image is there and was built from exactly these.
is_current() {
  [[ $(docker image inspect --format '{{index .Config.Labels "deskcast.inputs"}}' "$1" 2>/dev/null) = "$2" ]]
}

build() { # build IMAGE INPUTS CONTEXT [STAGE]
  local image=$1 inputs=$2 context=$3 stage=${4:-} began=$SECONDS log before
  log=$(mktemp)
  before=$(docker image inspect --format '{{.Id}}' "$image" 2>/dev/null || true)
  say "building $image"
  if ! docker build --network "${BUILD_NETWORK:-default}" --label "deskcast.inputs=$inputs" \
    ${stage:+--target "$stage"} --tag "$image" "$context" 2>&1 | tee "$log" | sed -un "s#^Step \(.\{1,72\}\).*#$image: step \1#p" >&2; then
    tail -n 25 "$log" >&2
    die "building $image failed; the end of its log is above, all of it in $log"
  fi
  rm -f "$log"
  # What the name meant before has no use any more, unless a container still runs on it.
  [[ -z $before ]] || docker image rm "$before" >/dev/null 2>&1 || true
  say "$image built in $((SECONDS - began)) s"
}

make_base() {
  if docker image inspect "$base" >/dev/null 2>&1; then
    return
  fi
  local began=$SECONDS
  if timeout "${PULL_WAIT:-30}" docker pull -q debian:bookworm-slim >/dev/null 2>&1; then
    docker tag debian:bookworm-slim "$base"
    say "$base is debian:bookworm-slim, pulled in $((SECONDS - began)) s"
    return
  fi
  "$REPO_DIR/scripts/install-packages.sh" mmdebstrap
  say "making $base from Debian's packages"
  local folder
  folder=$(mktemp -d)
  # Manuals and translations are of no use in a container, nor is a package that survives a power cut half installed.
  if ! as_root mmdebstrap --variant=minbase --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    bookworm "$folder/base.tar" 2>"$folder/log"; then
    tail -n 15 "$folder/log" >&2
    die "could not make a Debian base: debian:bookworm-slim cannot be pulled, and mmdebstrap failed as above"
  fi
  docker import "$folder/base.tar" "$base" >/dev/null
  rm -rf "$folder"
  say "$base made with mmdebstrap in $((SECONDS - began)) s"
}

# What needs the network alone: the packages of the images named.
packages() {
  local name inputs=
  for name in "$@"; do
    # The browser's packages stand on the desktop's.
    inputs+=$(sha256sum <"$REPO_DIR/images/$name/Dockerfile" | cut -c1-16)
    is_current "deskcast/$name:packages" "$inputs" || {
      make_base
      build "deskcast/$name:packages" "$inputs" "$REPO_DIR/images/$name" packages
    }
  done
}

# Sets `gateway` to the binary that stands at the door of both images: static, so that it does not
# depend on the libraries of the image. Its folder is its own, or it would wait for cargo's lock while
# the server is built.
build_gateway() {
  local triple target began=$SECONDS
  say "building the gateway of the images"
  triple=$(rustc -vV | sed -n 's/^host: //p')
  target=${CARGO_TARGET_DIR:-$REPO_DIR/target}/static
  (cd "$REPO_DIR" && RUSTFLAGS='-C target-feature=+crt-static' CARGO_TARGET_DIR=$target \
    cargo build --quiet --locked --profile dist --package desktop-gateway --target "$triple") ||
    die "building the gateway failed"
  gateway=$target/$triple/dist/desktop-gateway
  say "the gateway built in $((SECONDS - began)) s"
}

# ours NAME...: the gateway compiles while the network brings the packages; then both become an image.
ours() {
  local gateway name context inputs fetching
  # Not later: apt lets in one at a time, and a base may have to be made below.
  "$REPO_DIR/scripts/install-packages.sh" build
  packages "$@" &
  fetching=$!
  build_gateway
  wait "$fetching" || die "the packages of the images could not be built, see above"
  for name in "$@"; do
    context=$(mktemp -d)
    cp -r "$REPO_DIR/images/$name/." "$gateway" "$context"
    [[ $name = desktop ]] || cp -r "$REPO_DIR/images/desktop" "$context"
    # Cargo knows best whether the binary is up to date; with the same binary the image is, too.
    inputs=$(hash_of "$context")
    if is_current "deskcast/$name:latest" "$inputs"; then
      say "deskcast/$name:latest is up to date"
    else
      build "deskcast/$name:latest" "$inputs" "$context"
    fi
    rm -rf "$context"
  done
}

standin() {
  local script=$REPO_DIR/tests/support/kasm-standin/build.sh began=$SECONDS
  [[ -x $script ]] || die "there is no $script"
  "$script"
  say "deskcast/kasm-standin built in $((SECONDS - began)) s"
}

(($#)) || set -- desktop browser
DOCKER_HOST=$("$REPO_DIR/scripts/docker.sh" start)
export DOCKER_HOST
desktop= browser= standin=
for name in "$@"; do
  case $name in
    desktop) desktop=yes ;;
    browser) desktop=yes browser=yes ;;
    standin) standin=yes ;;
    all) desktop=yes browser=yes standin=yes ;;
    *) die "unknown image '$name': one of desktop browser standin all" ;;
  esac
done
[[ -z $desktop ]] || ours desktop ${browser:+browser}
[[ -z $standin ]] || standin
