#!/usr/bin/env bash
# usage: tools/fuzz.sh [SECONDS] [TARGET...]
#
# Builds preset fuzz and runs every fuzz target of tests/fuzz/ (or those named) for SECONDS each, 20 when not given, from
# its seeds and from what earlier runs found (build/fuzz/found/TARGET). As many run at a time as there are processors.
# Prints inputs per second and how the code that they reach grew. Fails on a crash, an input that takes over 10 s, a leak
# and memory over 2 GiB; the input lies in build/fuzz/artifacts/ then. Mended, it becomes tests/fuzz/corpus/TARGET/NAME,
# where every build tests it.
#
#   TRTPROF_FUZZ_JOBS  how many run at a time instead
#   -h, --help         this text
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

seconds=20
case ${1:-} in
  -h | --help)
    sed -n '2,/^set /{/^set /!s/^# \{0,1\}//p}' "$0"
    exit 0
    ;;
  [0-9]*)
    seconds=$1
    shift
    ;;
esac
jobs=${TRTPROF_FUZZ_JOBS:-$(nproc)}

# clang 14 and 15 do not take libstdc++'s ranges: the newest that the system knows, if that is 16 or newer.
clang=
for name in clang++ clang++-{21,20,19,18,17,16}; do
  path=$(command -v "$name") || continue
  major=$("$path" -dumpversion | cut -d. -f1)
  if [ "$major" -ge 16 ]; then
    clang=$path
    break
  fi
done
if [ -z "$clang" ]; then
  "$root/tools/install_packages.sh" "$root/tools/packages-fuzz.txt"
  clang=$(compgen -c clang++- | sort -t- -k2 -n | tail -n 1)
fi
find_cmake
cd "$root"
build=$root/build/fuzz
started=$SECONDS
quietly "$deps/configure-fuzz.log" "$cmake" --preset fuzz "-DCMAKE_CXX_COMPILER=$clang"
quietly "$deps/build-fuzz.log" "$cmake" --build --preset fuzz --parallel "$(nproc)"
say "built in $((SECONDS - started)) s"

targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  for seeds in "$build"/tests/fuzz/seeds/*/; do targets+=("$(basename "$seeds")"); done
fi

scratch=$(mktemp -d) # where targets put their input as a file: in memory where there is a place for that
if [ -w /dev/shm ]; then
  rmdir "$scratch"
  scratch=$(mktemp -d -p /dev/shm trtprof-fuzz.XXXXXX)
fi
trap 'rm -rf "$scratch"' EXIT
export TMPDIR=$scratch
symbolizer=external_symbolizer_path=$(command -v llvm-symbolizer || command -v addr2line)
export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:$symbolizer
export UBSAN_OPTIONS=print_stacktrace=1:$symbolizer
mkdir -p "$build/artifacts" "$build/logs"

run() { # run TARGET
  local target=$1 log=$build/logs/$1.log found=$build/found/$1 failed=no
  mkdir -p "$found"
  local options=(-max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=400000 -print_final_stats=1
    -artifact_prefix="$build/artifacts/$target-")
  "$build/tests/fuzz/fuzz_$target" "${options[@]}" "$found" "$build/tests/fuzz/seeds/$target" >"$log" 2>&1 || failed=yes
  # "#123 INITED cov: 12 ft: 34 ..." once the seeds are read, and a line like it for each find.
  awk -v target="$target" '
    / cov: / { for (i = 1; i < NF; ++i) if ($i == "cov:") { if ($2 == "INITED") first = $(i + 1); last = $(i + 1) } }
    /^stat::number_of_executed_units:/ { runs = $2 }
    /^stat::average_exec_per_sec:/ { rate = $2 }
    /^stat::peak_rss_mb:/ { memory = $2 }
    END { printf "%-24s %9d inputs %7d/s  coverage %6d -> %6d edges  %5d MiB\n", target, runs, rate, first, last, memory }
  ' "$log" >&2
  [ $failed = no ] && return
  say "$target failed (whole log: $log):"
  grep -E -A 25 '^(==[0-9]+== *ERROR|does not hold|.*runtime error:)' "$log" | head -n 60 >&2 || tail -n 20 "$log" >&2
  grep -h 'Test unit written to' "$log" >&2 || true
  return 1
}

failures=0
for target in "${targets[@]}"; do
  if [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; then wait -n || failures=$((failures + 1)); fi
  run "$target" &
done
while [ "$(jobs -p | wc -l)" -gt 0 ]; do wait -n || failures=$((failures + 1)); done
[ $failures -eq 0 ] || say "$failures of ${#targets[@]} targets failed; inputs are in build/fuzz/artifacts/"
say "${#targets[@]} targets in $((SECONDS - started)) s"
[ $failures -eq 0 ]
