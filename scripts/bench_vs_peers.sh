#!/usr/bin/env bash
# Runs lineament, PyTorch, ONNX Runtime and a step written straight on oneDNN in turn; prints ratios against the best of each.
# usage: scripts/bench_vs_peers.sh [--quick]      --quick: one round of two samples, to see that all of it runs
# docs/performance.md says what is compared and how. Settings, by environment variables:
#   LINEAMENT     the command                              [build/cpu/lineament]
#   TORCH_PYTHON  a Python with torch (and onnxruntime)    [python3]
#   PEERS         a folder with onednn_step.cpp            [../shared/peers]
#   ONEDNN        prefixes of oneDNN 3, colons between     [none: where the compiler looks]
#   NETWORKS      [cnn resnet50 efficientnet_b0]           MODES  mode:batch [train:64 infer:64 infer:1]
#   THREADS       [all cores]                              ROUNDS [3]      STEPS samples a round [7]
#   SAMPLES       a file that keeps every sample           [gone afterwards]
set -euo pipefail
cd "$(dirname "$0")/.."
case ${1:-} in
  "") ;;
  --quick) ROUNDS=1 STEPS=2 ;;
  *) sed -n '2,12s/^# //p' "$0"; exit 2 ;;
esac

lineament=${LINEAMENT:-build/cpu/lineament}
python=${TORCH_PYTHON:-python3}
peers=${PEERS:-../shared/peers}
read -ra networks <<<"${NETWORKS:-cnn resnet50 efficientnet_b0}"
read -ra modes <<<"${MODES:-train:64 infer:64 infer:1}"
threads=${THREADS:-$(nproc)}
rounds=${ROUNDS:-3}
steps=${STEPS:-7}
export OMP_NUM_THREADS=$threads
[ -x "$lineament" ] || { echo "bench_vs_peers.sh: $lineament: not built (cmake --preset cpu && cmake --build --preset cpu)" >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
samples=${SAMPLES:-$work/samples.tsv}
: >"$samples"
skip() { echo "skipped: $*" >&2; }

# One calibration for all: the burst of kernels/ceilings.h as a library.
build_calibration() {
  local level options
  for level in portable avx2 avx512; do
    case $level in
      portable) options=() ;;
      avx2) options=(-march=haswell) ;;
      avx512) options=(-march=skylake-avx512 -mprefer-vector-width=512) ;;
    esac
    g++ -O3 -std=c++20 -fPIC -ffp-contract=fast "${options[@]}" -DLINEAMENT_LEVEL=$level -I. \
      -c kernels/cpu/simd/ceilings.cpp -o "$work/$level.o"
  done
  g++ -O2 -std=c++20 -fPIC -shared -fopenmp -I. kernels/cpu/{ceilings,levels}.cpp tests/reference/calibrate.cpp \
    "$work"/{portable,avx2,avx512}.o -lfmt -o "$work/libcalibrate.so"
}

# The oneDNN step, its own calibration replaced by that library.
build_onednn_step() {
  [ -f "$peers/onednn_step.cpp" ] || { skip "oneDNN: no onednn_step.cpp in $peers (PEERS)"; return; }
  local flags=() prefix
  while read -r -d: prefix; do
    [ -n "$prefix" ] && flags+=("-I$prefix/include" "-L$prefix/lib" "-Wl,-rpath,$prefix/lib")
  done <<<"${ONEDNN:-}:"
  cp "$peers/onednn_step.cpp" "$work"
  cat >"$work/calibrate.h" <<'CODE'
#pragma once
extern "C" double lineament_fma_gflops(double seconds);
static inline double cal_peak(double ms) { return lineament_fma_gflops(ms / 1e3); }
CODE
  if ! g++ -O3 -march=native -fopenmp -std=c++17 -w "$work/onednn_step.cpp" "${flags[@]}" -ldnnl "-L$work" -lcalibrate \
    "-Wl,-rpath,$work" -o "$work/onednn_step" 2>"$work/onednn.log"; then
    skip "oneDNN: onednn_step.cpp does not build (ONEDNN): $(head -1 "$work/onednn.log")"
  fi
}

# number KEY < json: its first number
number() { grep -o "\"$1\": *[-0-9.e+]*" | head -1 | sed 's/.*: *//'; }

# record NETWORK MODE BATCH PROGRAM VARIANT MS PRODUCT RSS_MB BASE_MB
record() {
  local IFS=$'\t'
  echo "$*" >>"$samples"
  printf '  %-16s %-6s %3s  %-10s %-24s %10.2f ms %12.0f ms x GFLOP/s %7.0f MB\n' "${@:1:8}" >&2
}

# record_json NETWORK MODE BATCH PROGRAM VARIANT COMMAND...: a program that prints our keys
record_json() {
  local out label=("${@:1:5}")
  if ! out=$("${@:6}" 2>"$work/log"); then
    skip "${label[*]}: $(tail -1 "$work/log")"
    return
  fi
  record "${label[@]}" "$(number ms <<<"$out")" "$(number ms_x_gflops <<<"$out")" "$(number peak_rss_mb <<<"$out")" \
    "$(number base_rss_mb <<<"$out")"
}

# PyTorch's speed on a CPU hangs on the allocator: glibc's own, and one that keeps what it got, in huge pages.
tuned=(env MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=100000000000 MALLOC_TOP_PAD_=268435456
  GLIBC_TUNABLES=glibc.malloc.hugetlb=1)

run_torch() {  # NETWORK MODE BATCH
  local format allocator environment jit
  local script=("$python" tests/reference/torch_step.py)
  local options=(--batch "$3" --threads "$threads" --steps "$steps" --calibrate "$work/libcalibrate.so")
  for allocator in plain tuned; do
    environment=()
    [ $allocator = plain ] || environment=("${tuned[@]}")
    for format in default channels_last; do
      record_json "$@" torch "$format, $allocator" "${environment[@]}" "${script[@]}" "$1" "$2" --format $format "${options[@]}"
    done
  done
  [ "$2" = infer ] || return 0
  record_json "$@" torch "jit, tuned" "${tuned[@]}" "${script[@]}" "$1" "$2" --jit "${options[@]}"
  [ -z "$have_onnx" ] || record_json "$@" onnx default "${script[@]}" "$1" onnx "${options[@]}"
}

run_onednn() {  # NETWORK MODE BATCH
  local name=$1 layout line
  case $1 in cnn) name=smallcnn ;; efficientnet_b0) name=effnet_b0 ;; esac
  for layout in blocked nhwc; do
    line=$("$work/onednn_step" $name "$2" "$3" $layout "$steps" 2>"$work/log" | head -1) || line=
    [ -n "$line" ] || { skip "$* oneDNN $layout: $(tail -1 "$work/log")"; continue; }
    # ...,MS,min,max,img/s,RSS in MiB,peak P,ms*peak PRODUCT,...
    record "$@" onednn $layout $(awk -F, '{ sub("ms.peak ", "", $14); printf "%s %s %.1f 0", $8, $14, $12 * 1.048576 }' <<<"$line")
  done
}

build_calibration
build_onednn_step
have_torch=
if "$python" -c 'import torch' 2>/dev/null; then have_torch=1; else skip "PyTorch: $python has no torch (TORCH_PYTHON)"; fi
have_onnx=
if "$python" -c 'import onnx, onnxruntime' 2>/dev/null; then have_onnx=1; else skip "ONNX Runtime: $python has no onnx and onnxruntime"; fi

for ((round = 1; round <= rounds; ++round)); do
  for mode in "${modes[@]}"; do
    for network in "${networks[@]}"; do
      echo "round $round of $rounds: $network ${mode%:*} ${mode#*:}" >&2
      what=("$network" "${mode%:*}" "${mode#*:}")
      infer=()
      [ "${what[1]}" = train ] || infer=(--infer)
      record_json "${what[@]}" lineament "" "$lineament" bench step "$network" --as-peers "${infer[@]}" --batch "${what[2]}" \
        --threads "$threads" --steps "$steps" --json
      [ -z "$have_torch" ] || run_torch "${what[@]}"
      [ ! -x "$work/onednn_step" ] || run_onednn "${what[@]}"
    done
  done
done

printf '%d threads, medians of %d rounds of %d samples\n\n' "$threads" "$rounds" "$steps"
awk -f scripts/peer_table.awk "$samples"
