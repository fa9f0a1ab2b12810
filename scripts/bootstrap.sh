#!/usr/bin/env bash
# Sets up a checkout on a machine that has Python 3.11 and a C++ compiler, and nothing else.
#
#   scripts/bootstrap.sh run    what `tinyagent` needs, in .venv
#   scripts/bootstrap.sh dev    that, the tools of the workshops, and what the tests need
#
# Safe to run again at any time: what is there stays, also what uv does not know of (torch).
set -euo pipefail
cd "$(dirname "$0")/.."

UV_OLDEST=0.9.0  # builds llama.cpp with the flags of [tool.uv.config-settings-package]
TORCH=2.13.0

stop() {
    echo "$1" >&2
    exit 1
}

recent() {  # is this uv there, does it run, and is it new enough?
    local version
    version=$("$1" --version 2>/dev/null | awk '{print $2}') || return 1
    [ -n "$version" ] && [ "$(printf '%s\n%s\n' "$UV_OLDEST" "$version" | sort -V | head -n 1)" = "$UV_OLDEST" ]
}

find_uv() {
    local candidate user
    command -v python3 >/dev/null || stop "Python 3.11 is missing: run \`sudo apt-get install python3 python3-venv\`."
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || stop "Python 3.11 or newer is needed, this is $(python3 --version)."
    user="$(python3 -c 'import site; print(site.getuserbase())')/bin/uv"
    for candidate in uv .uv/bin/uv "$user"; do
        if recent "$candidate"; then
            UV=$candidate
            return
        fi
    done
    echo "Installing uv into .uv ..." >&2
    if python3 -m venv .uv >/dev/null 2>&1 && .uv/bin/pip install --quiet "uv>=$UV_OLDEST" >&2; then
        UV=.uv/bin/uv
        return
    fi
    rm -rf .uv
    if python3 -m pip install --quiet --user --break-system-packages "uv>=$UV_OLDEST" >&2; then
        UV=$user
        return
    fi
    stop "uv cannot be installed: run \`sudo apt-get install python3-venv\` and try again."
}

need_compiler() {
    command -v c++ >/dev/null || command -v g++ >/dev/null ||
        stop "A C++ compiler is missing: run \`sudo apt-get install gcc g++ make\`."
    [ -d .venv ] || echo "Building llama.cpp: about five minutes on two cores, once." >&2
}

# What the tests start for real: a program (or a pattern of files) and the Debian package that brings it.
COMPONENTS="
dbus-daemon dbus
espeak-ng espeak-ng
/usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so libasound2-plugins
/usr/lib/*/libportaudio.so.2 libportaudio2
mosquitto mosquitto
mpv mpv
/etc/mpv/scripts/mpris.so mpv-mpris
openssl openssl
pulseaudio pulseaudio
scrot scrot
tmux tmux
xclock x11-apps
xdg-open xdg-utils
xterm xterm
xwininfo x11-utils
Xvfb xvfb
"

need_components() {
    local program package missing=()
    while read -r program package; do
        [ -z "$program" ] || compgen -G "$program" >/dev/null || command -v "$program" >/dev/null || missing+=("$package")
    done <<<"$COMPONENTS"
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
    else
        stop "The tests need Debian packages: run \`sudo apt-get install ${missing[*]}\`."
    fi
}

need_torch() {
    .venv/bin/python -c 'import torch' 2>/dev/null && return
    # Plain pip: whether this machine gets a build for its processor or for a graphics card is its own choice.
    "$UV" pip install --quiet --python .venv/bin/python pip
    .venv/bin/python -m pip install "torch==$TORCH"
}

export UV_PROJECT_ENVIRONMENT=.venv
unset VIRTUAL_ENV
# The certificates that pip and the system trust (an office proxy's, say); uv by itself knows the public ones only.
# Its older versions call this UV_NATIVE_TLS.
[ -e /etc/ssl/certs/ca-certificates.crt ] && export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}" UV_NATIVE_TLS="${UV_NATIVE_TLS:-1}"
case "${1:-}" in
run)
    find_uv
    need_compiler
    if [ -d .venv ]; then quiet=--quiet; else quiet=; fi
    "$UV" sync $quiet --locked --no-dev --inexact
    ;;
dev)
    need_components
    find_uv
    need_compiler
    "$UV" sync --locked --inexact --extra train --extra voice --extra piper --extra wakeword
    need_torch
    ;;
*)
    stop "usage: scripts/bootstrap.sh run|dev"
    ;;
esac
