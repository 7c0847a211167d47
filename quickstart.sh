#!/usr/bin/env bash
# usage: ./quickstart.sh [--all]
#
# From a fresh clone to a first report: installs what is missing for the CPU path, builds the program into build/,
# makes a sample MobileNetV2 in out/ and profiles it. Run it again at any time: it only does what is not done yet.
#
#   --all       also bring what the GPU modules need to compile: CUDA compiler and headers, TensorRT headers
#   -h, --help  this text
#
# Installing packages needs root or sudo. Everything else stays in this folder: .deps/, build/ and out/.
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
      echo "quickstart.sh: unknown option $argument (see --help)" >&2
      exit 2
      ;;
  esac
done

cd "$(dirname "${BASH_SOURCE[0]}")"
. tools/common.sh

tools/install_packages.sh
tools/deps.sh python onnx
if [ $all = yes ]; then tools/deps.sh gpu; fi

find_cmake
if [ ! -e build/CMakeCache.txt ]; then
  say "configuring build/"
  quietly "$deps/configure.log" "$cmake" -S . -B build -G Ninja
elif [ $all = yes ]; then # modules whose headers have come since
  quietly "$deps/configure.log" "$cmake" -S . -B build
fi
if [ -e build/tensorrt_profiling ]; then
  say "bringing build/tensorrt_profiling up to date"
else
  say "building build/tensorrt_profiling (some minutes)"
fi
quietly "$deps/build.log" "$cmake" --build build --target tensorrt_profiling --parallel "$(nproc)"

mkdir -p out
./build/tensorrt_profiling sample mobilenetv2 -o out/mobilenetv2.onnx >&2
./build/tensorrt_profiling out/mobilenetv2.onnx \
  --json out/mobilenetv2.profile.json --csv out/mobilenetv2.layers.csv

say
say "Written:"
say "  build/tensorrt_profiling       the program; try it on a model of yours: build/tensorrt_profiling model.onnx"
say "  out/mobilenetv2.onnx           the sample model"
say "  out/mobilenetv2.profile.json   everything that was measured (docs/profile.schema.json)"
say "  out/mobilenetv2.layers.csv     one row a layer, for a spreadsheet"
