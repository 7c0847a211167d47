#!/usr/bin/env bash
# usage: ./test.sh [--all]
#
# Builds and runs every test: installs what is missing, checks the format, builds preset ci (release, warnings are
# errors) with the GPU modules, runs the whole suite. Needs no GPU; brings NVIDIA's TensorRT libraries into .deps/.
#
#   --all       before that, the engine-free tests under AddressSanitizer with UndefinedBehaviorSanitizer and under
#               ThreadSanitizer, and clang-tidy on what has changed since it was last clean
#   -h, --help  this text
set -euo pipefail

all=no
for argument in "$@"; do
  case $argument in
    --all) all=yes ;;
    -h | --help)
      sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' "$0"
      exit 0
      ;;
    *)
      echo "test.sh: unknown option $argument (see --help)" >&2
      exit 2
      ;;
  esac
done

cd "$(dirname "${BASH_SOURCE[0]}")"
. tools/common.sh

stage() { say "== $* ($((SECONDS / 60)) min $((SECONDS % 60)) s)"; }

stage "what the tests need"
tools/install_packages.sh tools/packages.txt tools/packages-test.txt
tools/deps.sh python test models format onnx
tools/deps.sh gpu
tools/deps.sh tensorrt
tools/deps.sh pytorch
find_cmake

build() { # build PRESET
  stage "building preset $1"
  quietly "$deps/configure-$1.log" "$cmake" --preset "$1"
  quietly "$deps/build-$1.log" "$cmake" --build --preset "$1" --parallel "$(nproc)"
}

stage "format"
find src apps tests \( -name '*.h' -o -name '*.cpp' \) -print0 |
  xargs -0 "$venv/bin/clang-format" --dry-run -Werror

build ci
if [ $all = yes ]; then
  for preset in asan tsan; do
    build $preset
    stage "engine-free tests, preset $preset"
    "$ctest" --preset $preset --parallel "$(nproc)"
  done
  stage "clang-tidy"
  "$venv/bin/python" tools/run_tidy.py build/ci
fi

stage "every test, preset ci"
"$ctest" --preset ci --parallel "$(nproc)"

stage "fuzz targets, 20 s each"
tools/fuzz.sh 20
