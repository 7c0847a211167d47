#!/usr/bin/env bash
# Brings what the build needs that the distribution does not have, into .deps/ (git-ignored). Idempotent.
#   tools/deps.sh python [test models]   the Python environment .deps/venv: cmake, OpenVINO; and more lists of
#                                        tools/requirements/ by name
#   tools/deps.sh onnx                   the ONNX C++ library, built from its PyPI source distribution
#   tools/deps.sh gpu                    what GPU modules need to compile: CUDA from PyPI (in .deps/venv), and the
#                                        TensorRT headers (Apache-2.0) that the crate trtx-sys carries
#   tools/deps.sh pytorch                PyTorch from PyPI, whose traces the tests read, in an environment of its own:
#                                        .deps/pytorch, 3 GB to download and 5.4 GB on the disk
#   tools/deps.sh tensorrt               what the tests load on a machine without a GPU: NVIDIA's libraries, under
#                                        NVIDIA's licences: TensorRT-RTX and TensorRT's lean and dispatch runtimes
#                                        from PyPI, TensorRT's full one from Maven
# Called by quickstart.sh, test.sh and, for a plain `cmake ..`, by cmake/Dependencies.cmake.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

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
  if [ ! -x "$venv/bin/pip" ]; then # the last thing that venv makes: without it, one was interrupted
    rm -rf "$venv"
    quietly "$deps/venv.log" python3 -m venv "$venv"
  fi
  install_requirements cpu
  for list in "$@"; do install_requirements "$list"; done
}

pytorch_step() {
  local list=$root/tools/requirements/pytorch.txt prefix=$deps/pytorch stamp
  stamp=$prefix/.installed-$(sha256sum "$list" | cut -c1-16)
  [ -e "$stamp" ] && return
  say "installing PyTorch (3 GB, once)"
  rm -rf "$prefix"
  quietly "$deps/pytorch-venv.log" python3 -m venv "$prefix"
  quietly "$deps/pip-pytorch.log" "$prefix/bin/python" -m pip install --disable-pip-version-check --no-cache-dir -r "$list"
  touch "$stamp"
}

onnx_step() {
  local v prefix work
  v=$(version TRTPROF_ONNX_VERSION)
  prefix=$deps/onnx-$v
  [ -e "$prefix/lib/cmake/ONNX/ONNXConfig.cmake" ] && return
  say "building the ONNX $v C++ library (some minutes, once)"
  work=$(mktemp -d "$deps/onnx-build.XXXXXX")
  # shellcheck disable=SC2064 # the folder's name as it is now
  trap "rm -rf '$work'" EXIT
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

tensorrt_headers_step() {
  local v prefix work crate
  v=$(version TRTPROF_TENSORRT_HEADERS_VERSION)
  prefix=$deps/tensorrt-headers-$v
  [ -d "$prefix" ] && return
  say "bringing the TensorRT headers"
  command -v cargo >/dev/null || "$root/tools/install_packages.sh" "$root/tools/packages-gpu.txt"
  work=$(mktemp -d "$deps/tensorrt-headers.XXXXXX")
  # shellcheck disable=SC2064 # the folder's name as it is now
  trap "rm -rf '$work'" EXIT
  mkdir "$work/src"
  : >"$work/src/lib.rs"
  printf '[package]\nname = "headers"\nversion = "0.0.0"\n[dependencies]\ntrtx-sys = "=%s"\n' "$v" >"$work/Cargo.toml"
  # Only fetched, never built: a crate is an archive here, and cargo checks its checksum.
  if ! cargo metadata --format-version 1 --filter-platform x86_64-unknown-linux-gnu \
    --manifest-path "$work/Cargo.toml" >"$work/metadata.json" 2>"$deps/tensorrt-headers.log"; then
    cat "$deps/tensorrt-headers.log" >&2
    return 1
  fi
  crate=$(python3 -c 'import json, os, sys
for package in json.load(open(sys.argv[1]))["packages"]:
    if package["name"] == "trtx-sys":
        print(os.path.dirname(package["manifest_path"]))' "$work/metadata.json")
  cp -r "$crate/TensorRT-Headers" "$work/headers"
  mv "$work/headers" "$prefix"
}

# The runtime and the parser out of a Java archive of more than half a gigabyte, which holds far more than that.
tensorrt_library_step() {
  local v prefix work artifact archive
  v=$(version TRTPROF_TENSORRT_MAVEN_VERSION)
  prefix=$deps/tensorrt-${v%%-*}
  [ -d "$prefix/lib" ] && return
  say "bringing the TensorRT ${v%%-*} library (560 MB, once)"
  command -v mvn >/dev/null || "$root/tools/install_packages.sh" "$root/tools/packages-tensorrt.txt"
  work=$(mktemp -d "$deps/tensorrt-library.XXXXXX")
  # shellcheck disable=SC2064 # the folder's name as it is now
  trap "rm -rf '$work'" EXIT
  artifact=org.bytedeco:tensorrt:$v:jar:linux-x86_64-redist
  archive=$work/repository/org/bytedeco/tensorrt/$v/tensorrt-$v-linux-x86_64-redist.jar
  # Maven checks the archive's checksum. Its local repository goes with the archive.
  (cd "$work" && quietly "$deps/tensorrt-library.log" mvn --batch-mode --strict-checksums \
    org.apache.maven.plugins:maven-dependency-plugin:2.8:get -Dmaven.repo.local="$work/repository" \
    -Dartifact="$artifact" -Dtransitive=false)
  mkdir -p "$work/prefix/lib"
  python3 - "$archive" "$work/prefix/lib" <<'PYTHON'
import pathlib, shutil, sys, zipfile

wanted = ("libnvinfer.so.", "libnvonnxparser.so.")
with zipfile.ZipFile(sys.argv[1]) as archive:
    names = [name for name in archive.namelist() if pathlib.PurePath(name).name.startswith(wanted)]
    if len(names) != len(wanted):
        sys.exit(f"{sys.argv[1]} has other libraries than expected: {names}")
    for name in names:
        target = pathlib.Path(sys.argv[2], pathlib.PurePath(name).name)
        with archive.open(name) as packed, target.open("wb") as file:
            shutil.copyfileobj(packed, file, 1 << 24)
PYTHON
  mv "$work/prefix" "$prefix"
}

step=${1:-}
[ $# -gt 0 ] && shift
case $step in
  python)
    lists=() onnx=no
    for a in "$@"; do
      if [ "$a" = onnx ]; then onnx=yes; else lists+=("$a"); fi
    done
    python_step "${lists[@]}"
    if [ $onnx = yes ]; then onnx_step; fi
    ;;
  onnx) onnx_step ;;
  pytorch) pytorch_step ;;
  gpu)
    python_step gpu
    tensorrt_headers_step
    ;;
  tensorrt)
    python_step tensorrt
    tensorrt_library_step
    ;;
  *)
    sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' "$0" >&2
    exit 2
    ;;
esac
