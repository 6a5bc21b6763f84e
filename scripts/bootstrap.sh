#!/bin/sh
# Makes what a fresh machine may lack: the virtual environment, what PDF files need, and a browser for the tests.
#   sh scripts/bootstrap.sh venv [python3.12]
#   sh scripts/bootstrap.sh paper
#   sh scripts/bootstrap.sh browser
# It asks nothing. As root on Debian or Ubuntu it installs; anywhere else it names the one command that does.
set -eu

# What WeasyPrint opens: it lays out with pango and writes with a font of the system.
paper="libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"
packages="python3-venv $paper chromium-headless-shell libatomic1 fonts-liberation2"

say_how() {
  echo "Missing here: $1. Please run this once, then try again:" >&2
  echo "  sudo apt-get update && sudo apt-get install --no-install-recommends $packages" >&2
  echo "(Not Debian or Ubuntu? Install Python 3.11 or newer with venv, and Chromium; CHROMIUM=/path/to/it names yours.)" >&2
  exit 1
}

install_packages() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || say_how "$1"
  shift
  export DEBIAN_FRONTEND=noninteractive
  # Mirrors hiccup: one more try before giving up.
  apt-get update -qq || { sleep 3; apt-get update -qq; }
  apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

find_chromium() {
  for name in "${CHROMIUM:-}" chromium-headless-shell chromium chromium-browser google-chrome; do
    [ -n "$name" ] && command -v "$name" >/dev/null && return 0
  done
  return 1
}

# Playwright's own Node needs libatomic1 and says only "connection closed" without it.
playwright_starts() { .venv/bin/python -m playwright --version >/dev/null 2>&1; }

make_venv() {
  python=${1:-python3}
  command -v "$python" >/dev/null || say_how "Python ($python)"
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    { echo "Subrosa needs Python 3.11 or newer; $python is $("$python" -V 2>&1). Try: make PY=python3.12 …" >&2; exit 1; }
  # Debian splits ensurepip off, and venv fails half-way without it.
  "$python" -c 'import ensurepip, venv' 2>/dev/null || install_packages "python3-venv" python3-venv
  "$python" -m venv .venv
}

# The press itself is asked for one page: that says more than a list of libraries.
paper_prints() { .venv/bin/python -m practice.paper >/dev/null 2>&1; }

make_paper() {
  paper_prints && return 0
  # A practice runs without: records then leave as text and FHIR, and `manage.py doctor` says what is missing.
  # shellcheck disable=SC2086 # a list of words
  (install_packages "what PDF files need (pango, a font)" $paper) && paper_prints && return 0
  echo "Going on without PDF files." >&2
}

make_browser() {
  find_chromium && playwright_starts && return 0
  # Chromium without its windows does the same with a fifth less of the processor.
  install_packages "a browser for the tests" chromium-headless-shell libatomic1 fonts-liberation2
  find_chromium || say_how "Chromium"
  playwright_starts || say_how "a library that Playwright needs (libatomic1)"
}

case "${1:-}" in
  venv) make_venv "${2:-python3}" ;;
  paper) make_paper ;;
  browser) make_browser ;;
  *) echo "usage: sh scripts/bootstrap.sh venv [python] | paper | browser" >&2; exit 2 ;;
esac
