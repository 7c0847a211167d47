#!/usr/bin/env bash
# installed_program.sh PREFIX: the installed program finds its modules in ../lib/trtprof, and they their engine.
set -euo pipefail
program=$1/bin/tensorrt_profiling
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

unset TRTPROF_BACKEND_PATH
cd "$work"
"$program" --version
"$program" sample mobilenetv2 -o model.onnx
"$program" model.onnx --backend openvino --iterations 3 --warmup 1 --quiet --json profile.json
grep -q '"layer_run"' profile.json
