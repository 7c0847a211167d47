# shellcheck shell=bash
# Sourced by the scripts of this repository (set -euo pipefail is theirs). Everything said here goes to standard error.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
deps=${TRTPROF_DEPS_DIR:-$root/.deps}
venv=$deps/venv
mkdir -p "$deps"

say() { printf '%s\n' "$*" >&2; }

version() { sed -n "s/^set($1 \(.*\))$/\1/p" "$root/tools/versions.cmake"; }

quietly() { # quietly LOG COMMAND...: output into LOG, shown only when the command fails
  local log=$1
  shift
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    say "failed: $* (whole log: $log)"
    return 1
  fi
}

at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; } # at_least HAVE WANTED

# The CMake to configure with, set as $cmake and $ctest: the system's when it is new enough for this project (3.22), else
# the one in .deps/venv, which tools/deps.sh has brought by then.
# shellcheck disable=SC2034 # used by those who source this
find_cmake() {
  local have
  have=$(cmake --version 2>/dev/null | sed -n 's/^cmake version \([0-9.]*\).*/\1/p')
  if [ -n "$have" ] && at_least "$have" 3.22; then
    cmake=cmake ctest=ctest
  else
    cmake=$venv/bin/cmake ctest=$venv/bin/ctest
  fi
}
