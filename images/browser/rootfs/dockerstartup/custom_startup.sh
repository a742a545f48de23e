#!/bin/bash
# The browser of this desktop.
#
#   custom_startup.sh                          keeps a browser open, again and again, with the start
#                                              URL from KASM_URL, URL or LAUNCH_URL
#   custom_startup.sh -g|--go -u|--url URL     opens the URL in a new tab of the running browser
#   custom_startup.sh -a|--assign -u|--url URL the same, for a desktop handed to its user later
#
# APP_ARGS replaces the browser's usual arguments (words, separated by blanks).
set -euo pipefail

# Inside a container without privileges there is nothing Chromium could build its own sandbox from.
read -ra arguments <<<"${APP_ARGS:---no-sandbox --start-maximized --no-first-run --no-default-browser-check --password-store=basic --hide-crash-restore-bubble --log-level=3}"

# Chromium's shared memory goes to /tmp when the container was given too little of it.
if (($(stat -f -c '%S * %b' /dev/shm) < 256 * 1024 * 1024)); then
  arguments+=(--disable-dev-shm-usage)
fi

# What starts with a dash would be taken for an option of the browser.
is_url() { [[ -n $1 && $1 != -* ]]; }

open_once() {
  local url=$1
  if ! is_url "$url"; then
    echo "custom_startup.sh: nothing to open: give a URL with --url" >&2
    exit 2
  fi
  desktop_ready
  exec chromium "${arguments[@]}" "$url"
}

keep_open() {
  local url=${KASM_URL:-${URL:-${LAUNCH_URL:-}}}
  local -a page=()
  if is_url "$url"; then
    page=("$url")
  fi
  desktop_ready
  while true; do
    if ! pgrep -x chromium >/dev/null; then
      # A home that was in another container may still hold that browser's lock.
      rm -f "$HOME"/.config/chromium/Singleton*
      chromium "${arguments[@]}" "${page[@]}" || true
    fi
    sleep 1
  done
}

once=false
url=
while (($#)); do
  case $1 in
    -g | --go | -a | --assign) once=true ;;
    -u | --url)
      url=${2:-}
      shift
      ;;
    *)
      echo "custom_startup.sh: unknown option: $1" >&2
      exit 2
      ;;
  esac
  shift || break
done

if $once; then
  open_once "$url"
else
  keep_open
fi
