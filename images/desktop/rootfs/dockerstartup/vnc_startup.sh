#!/bin/bash
# Brings the desktop up and stays its first process: home, X server, session, and the gateway last,
# so that whoever gets an answer on 6901 finds a desktop behind it.
#
# Ends with 0 when told to stop, 2 for unusable settings, 1 when the desktop itself has ended.
set -euo pipefail

say() { printf 'desktop: %s\n' "$*" >&2; }

export RFB_SOCKET=/tmp/.rfb/socket
x_pid=0

# Everybody but the X server first, so that programs (a browser above all) can still save; the
# gateway says goodbye to its viewers meanwhile.
# shellcheck disable=SC2317 # called by the trap
stop() {
  trap '' TERM INT
  local pid patience=14
  for pid in $(pgrep -v -x Xvnc); do
    [[ $pid = "$$" ]] || kill -TERM "$pid" 2>/dev/null || true
  done
  while ((patience-- > 0)) && pgrep -x 'desktop-gateway|chromium' >/dev/null; do
    sleep 0.1
  done
  kill -TERM "$x_pid" 2>/dev/null || true
  say "stopped"
  exit 0
}
trap stop TERM INT

prepare_home() {
  if [[ ! -w $HOME ]]; then
    say "$HOME is not writable for user $(id -u): whatever is mounted there must belong to that user"
    exit 2
  fi
  if [[ ! -e $HOME/.bashrc ]]; then
    cp -a /home/kasm-default-profile/. "$HOME/"
  fi
  mkdir -p "$HOME"/{Desktop,Documents,Downloads,Uploads}
}

# Only the socket leads in: no TCP, no password of its own. The gateway is the door.
start_x_server() {
  local -a clipboard
  # "-SendCutText 0" and the like, as the contract hands them over: words, separated by blanks.
  read -ra clipboard <<<"${KASM_SVC_SEND_CUT_TEXT:-} ${KASM_SVC_ACCEPT_CUT_TEXT:-}"
  (umask 077 && mkdir -p "${RFB_SOCKET%/*}")
  # A container that was stopped and started again finds what the last X server left.
  rm -f "$RFB_SOCKET" /tmp/.X1-lock /tmp/.X11-unix/X1
  coproc X_SERVER {
    exec Xvnc "$DISPLAY" -displayfd 1 -nolisten tcp -noreset \
      -geometry "${VNC_RESOLUTION:-1280x720}" -depth "${VNC_COL_DEPTH:-24}" \
      -desktop "${DESKTOP_TITLE:-Desktop}" \
      -rfbunixpath "$RFB_SOCKET" -rfbunixmode 0600 -rfbport -1 \
      -SecurityTypes None -AlwaysShared -UseBlacklist=0 "${clipboard[@]}"
  }
  x_pid=$X_SERVER_PID
  # It writes its number once programs can connect.
  if ! read -r -t 20 -u "${X_SERVER[0]}" _; then
    say "the X server did not start; its last words are above"
    exit 1
  fi
}

# The window manager comes back when it ends: without it, windows cannot be used.
keep_session() {
  while true; do
    dbus-run-session -- openbox --startup /dockerstartup/session_start.sh || true
    sleep 1
  done
}

desktop-gateway --check || exit 2
prepare_home
start_x_server
# From here on nobody but the gateway needs the password, nor should the desktop's programs show it.
gateway_password=${VNC_PW:-}
unset VNC_PW
cd "$HOME"
keep_session &
VNC_PW=$gateway_password desktop-gateway &
gateway_pid=$!
if [[ -x /dockerstartup/custom_startup.sh && -z ${DISABLE_CUSTOM_STARTUP:-} ]]; then
  /dockerstartup/custom_startup.sh &
fi
say "environment started"

wait -n "$x_pid" "$gateway_pid" || true
say "the X server or the gateway has ended, and so does this desktop"
exit 1
