#!/usr/bin/env bash
# Brings what the build needs that the distribution does not have, into .deps/ (git-ignored). Idempotent.
#   tools/deps.sh python [test models]   the Python environment .deps/venv: cmake, OpenVINO; and more lists of
#                                        tools/requirements/ by name
#   tools/deps.sh onnx                   the ONNX C++ library, built from its PyPI source distribution
# Called by quickstart.sh, test.sh and, for a plain `cmake ..`, by cmake/Dependencies.cmake.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
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

install_requirements() {
  local list=$root/tools/requirements/$1.txt stamp
  stamp=$venv/.installed-$1-$(sha256sum "$list" | cut -c1-16)
  [ -e "$stamp" ] && return
  say "installing Python packages: $1"
  local options=()
  [ "$1" = models ] && options=(--no-deps)
  quietly "$deps/pip-$1.log" "$venv/bin/python" -m pip install --disable-pip-version-check "${options[@]}" -r "$list"
  touch "$stamp"
}

python_step() {
  if [ ! -x "$venv/bin/python" ]; then
    quietly "$deps/venv.log" python3 -m venv "$venv"
  fi
  install_requirements cpu
  for list in "$@"; do install_requirements "$list"; done
}

onnx_step() {
  local v prefix work
  v=$(version TRTPROF_ONNX_VERSION)
  prefix=$deps/onnx-$v
  [ -e "$prefix/lib/cmake/ONNX/ONNXConfig.cmake" ] && return
  say "building the ONNX $v C++ library (some minutes, once)"
  work=$(mktemp -d "$deps/onnx-build.XXXXXX")
  trap 'rm -rf "$work"' RETURN
  quietly "$deps/onnx-download.log" "$venv/bin/python" -m pip download --disable-pip-version-check --no-deps \
    --no-binary onnx -d "$work" "onnx==$v"
  tar -xzf "$work/onnx-$v.tar.gz" -C "$work"
  local launcher=()
  command -v ccache >/dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  quietly "$deps/onnx-configure.log" "$venv/bin/cmake" -G Ninja -S "$work/onnx-$v" -B "$work/build" \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DBUILD_SHARED_LIBS=OFF -DONNX_ML=ON \
    -DONNX_BUILD_PYTHON=OFF -DONNX_USE_PROTOBUF_SHARED_LIBS=ON -DCMAKE_INSTALL_PREFIX="$work/install" "${launcher[@]}"
  quietly "$deps/onnx-build.log" "$venv/bin/cmake" --build "$work/build" --target install
  mkdir -p "$work/install/share/doc/onnx"
  cp "$work/onnx-$v/LICENSE" "$work/install/share/doc/onnx/"
  mv "$work/install" "$prefix"
}

step=${1:-}
[ $# -gt 0 ] && shift
case $step in
  python)
    lists=() rest=()
    for a in "$@"; do [ "$a" = onnx ] && rest+=("$a") || lists+=("$a"); done
    python_step "${lists[@]}"
    [ ${#rest[@]} -gt 0 ] && onnx_step
    ;;
  onnx) onnx_step ;;
  *) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
