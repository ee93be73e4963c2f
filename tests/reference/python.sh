#!/usr/bin/env bash
# Runs Python with the pinned reference library: tests/reference/python.sh [--peers] SCRIPT [ARGUMENTS]
#
# The environment is made by itself at the first call, under tests/target/reference-venv, and made
# anew when requirements.txt changes. --peers adds requirements-peers.txt to it.
# SEMLUX_REFERENCE_VENV names an existing environment to use instead; nothing is installed into it.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
target="$(dirname "$here")/target"

fail() {
  echo "python.sh: $*" >&2
  exit 1
}

stamp_of() { # a stamp's name changes with the requirements' text
  echo ".installed-$1-$(sha256sum "$here/$1.txt" | cut -c1-16)"
}

make_venv() {
  command -v python3 > /dev/null || fail "python3 is not on the PATH: install Python 3.11 or newer."
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
    || fail "$(python3 --version 2>&1) is too old: the pinned libraries need Python 3.11 or newer."
  python3 -c 'import venv, ensurepip' 2> /dev/null \
    || fail "this python3 cannot make virtual environments: install its venv module (python3-venv on Debian)."
  rm -rf "$venv"
  python3 -m venv "$venv" || fail "python3 -m venv $venv failed."
}

install() {
  echo "Installing $1.txt into $venv (once; this takes minutes)" >&2
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --requirement "$here/requirements.txt" --requirement "$here/$1.txt" >&2 \
    || fail "installing $1.txt failed; see pip's message above."
  touch "$venv/$(stamp_of "$1")"
}

peers=false
if [[ "${1:-}" == "--peers" ]]; then
  peers=true
  shift
fi

if [[ -n "${SEMLUX_REFERENCE_VENV:-}" ]]; then
  venv="$SEMLUX_REFERENCE_VENV"
  [[ -x "$venv/bin/python" ]] || fail "SEMLUX_REFERENCE_VENV=$venv holds no bin/python."
else
  venv="$target/reference-venv"
  mkdir -p "$target"
  # One process installs, others wait. The stamp is written last, so a half-made environment has
  # none and is thrown away at the next call.
  exec 9> "$target/reference-venv.lock"
  if command -v flock > /dev/null; then flock 9; fi
  if [[ ! -e "$venv/$(stamp_of requirements)" ]]; then
    make_venv
    install requirements
  fi
  if $peers && [[ ! -e "$venv/$(stamp_of requirements-peers)" ]]; then
    install requirements-peers
  fi
  exec 9>&-
fi

export PYTHONPYCACHEPREFIX="$target/pycache" # keeps the source tree clean
export HF_HUB_OFFLINE=1                      # every model is a folder here
export TOKENIZERS_PARALLELISM="${TOKENIZERS_PARALLELISM:-true}"
exec "$venv/bin/python" "$@"
