#!/usr/bin/env bash
# On a machine with a GPU: is the CUDA backend right, and how fast is it beside PyTorch? Under eight minutes.
# usage: scripts/gpu_check.sh [BUILD]     a folder with `lineament` and `lineament_cuda_tests`, built before   [build/cuda]
# What cannot be done here is skipped, in a line that says why. Settings, by environment variables:
#   NETWORKS    [resnet50 efficientnetv2_b3]    BATCHES [64]    PRECISIONS [bf16 tf32 f32]    MODES [train infer]
#   PARTS       [ops sanitizer backbones autocast devices bits speed]
#   PYTHON      a Python with torch [python3]   STEPS samples of each [5]
#   COMPILE     torch.compile too, last of all [1]   COMPILE_LIMIT seconds for each of its samples [120]
#   MOST        seconds in all; what would begin later is skipped [470]
#   KEEP        a folder for logs and samples [gone afterwards]
set -euo pipefail
case ${1:-} in -*) sed -n '2,11s/^# //p' "$0"; exit 2 ;; esac
cd "$(dirname "$0")/.."
build=${1:-build/cuda}
read -ra networks <<<"${NETWORKS:-resnet50 efficientnetv2_b3}"
read -ra batches <<<"${BATCHES:-64}"
read -ra precisions <<<"${PRECISIONS:-bf16 tf32 f32}"
read -ra modes <<<"${MODES:-train infer}"
read -ra parts <<<"${PARTS:-ops sanitizer backbones autocast devices bits speed}"
python=${PYTHON:-python3}
steps=${STEPS:-5}
most=${MOST:-470}

lineament=$build/lineament
tests=
for found in "$build/tests/lineament_cuda_tests" "$build/lineament_cuda_tests"; do [ ! -x "$found" ] || tests=$found; done
[ -x "$lineament" ] ||
  { echo "gpu_check.sh: $lineament: not there (cmake --preset cuda && cmake --build --preset cuda)" >&2; exit 2; }
# Where the loader finds no cuBLAS or cuDNN: those that came with Python's torch, beside our programs.
if [[ $(ldd "$lineament") == *'not found'* ]]; then
  mkdir -p "$build/lib"
  { "$python" - 2>/dev/null || true; } <<'END' | while read -r library; do ln -sf "$library" "$build/lib/"; done
import glob, nvidia
print(*[library for folder in nvidia.__path__ for library in glob.glob(folder + "/*/lib/*.so*")], sep="\n")
END
fi
if ! why=$("$lineament" bench step dense2 --device cuda --batch 1 --steps 1 --json 2>&1 >/dev/null); then
  echo "gpu_check.sh: ${why##*$'\n'}" >&2
  exit 2
fi

if [ -n "${KEEP:-}" ]; then work=$KEEP; mkdir -p "$work"; else work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; fi
export TORCHINDUCTOR_CACHE_DIR=$work/inductor
if ! command -v gnuplot >/dev/null; then  # curves are not looked at here: one that draws nothing will do
  mkdir -p "$work/bin"
  printf '%s\n' '#!/bin/sh' 'cat >/dev/null' "printf '\\211PNG'" >"$work/bin/gnuplot"
  chmod +x "$work/bin/gnuplot"
  export PATH=$PATH:$work/bin
fi
summary=$work/summary.txt samples=$work/samples.tsv
: >"$summary"; : >"$samples"
failed=0
say() { printf '%4d s  %s\n' "$SECONDS" "$*"; }
note() { say "$*"; echo "$*" >>"$summary"; }
skip() { note "$1: skipped: $2"; }
passed() { note "$1: passed${2:+: $2}"; }
fail() { note "$1: FAILED: $2"; failed=1; }
left() { echo $((most - SECONDS)); }
# ended PART CODE WHY: a part that did not end well; want of time is no failure
ended() { if [ "$2" = 124 ]; then skip "$1" "${3:-out of time}"; else fail "$1" "$3"; fi; }

# within SECONDS LOG COMMAND...: its exit status; 124 where the time was up
within() {
  local limit=$1 log=$2
  : >"$log"
  [ "$limit" -lt "$(left)" ] || limit=$(left)
  [ "$limit" -gt 0 ] || return 124
  local code=0
  timeout "$limit" "${@:3}" >"$log" 2>&1 || code=$?
  grep -m1 'cannot be recorded' "$log" >>"$summary" || true
  return $code
}
# reason CODE LOG: why it did not end well
reason() { if [ "$1" = 124 ]; then echo "out of time"; else tail -1 "$2" | cut -c1-150; fi; }
counts() { sed -nE '/test cases/ s/.*\| *([0-9]+ passed) *\| *([0-9]+ failed).*/\1, \2/p' "$1"; }
ran() { grep -q '^\[doctest\] test cases' "$work/$1.log"; }  # else it said why not, and ended well
why() { tail -1 "$work/$1.log" | sed 's/^skipped: //'; }
first_error() { grep -m1 -E 'ERROR|error|terminate|Sanitizer' "$1" || tail -1 "$1"; }

# doctest PART SECONDS CASES [OPTION...]: some of the tests on the device
doctest() {
  [ -n "$tests" ] || { skip "$1" "no lineament_cuda_tests in $build or $build/tests"; return; }
  local code=0
  within "$2" "$work/$1.log" "$tests" --test-case="$3" "${@:4}" || code=$?
  if [ $code = 124 ] && ! grep -q 'ERROR:' "$work/$1.log"; then skip "$1" "not over after $2 s, or out of time"
  elif [ $code != 0 ]; then fail "$1" "$(counts "$work/$1.log"); $(first_error "$work/$1.log")"
  elif ! ran "$1"; then skip "$1" "$(why "$1")"
  else passed "$1" "$(counts "$work/$1.log")"; fi
}

check_ops() { doctest ops 100 'updates:*,moments:*,programs:*,tf32:*,nodes:*,bf16:*,packs:*,fusions:*,casts:*,faces:*,learner:*,trainer:*'; }
check_backbones() {
  doctest backbones 120 'backbones:*' --order-by=name  # the largest comes last
  grep -h '^  backbone' "$work/backbones.log" 2>/dev/null | tee -a "$summary" || true
}

has_torch() { "$python" -c 'import torch, sys; sys.exit(not torch.cuda.is_available())' 2>/dev/null; }
no_torch="$python has no torch that sees the GPU (PYTHON)"

# Gradients in bf16 from those in f32: no further than 1.3 times what PyTorch's autocast does to the same networks.
check_autocast() {
  local name ours theirs code=0
  doctest autocast 60 'autocast:*'
  local -A distance=()
  while read -r _ name ours; do distance[$name]=$ours; done < <(grep '^  autocast ' "$work/autocast.log" 2>/dev/null)
  [ ${#distance[@]} -gt 0 ] || return 0
  has_torch || { skip "autocast beside PyTorch" "$no_torch"; return; }
  within 90 "$work/torch_autocast.log" "$python" tests/reference/torch_autocast_distance.py "${!distance[@]}" --batch 24 || code=$?
  for name in "${!distance[@]}"; do
    ours=${distance[$name]} theirs=$({ grep "\"$name\"" "$work/torch_autocast.log" || true; } | number distance)
    if [ -z "$theirs" ]; then skip "autocast $name" "$(reason $code "$work/torch_autocast.log")"
    elif awk -v a="$ours" -v b="$theirs" 'BEGIN { exit !(a <= 1.3 * b) }'; then
      passed "autocast $name" "gradients $ours from f32, PyTorch's $theirs"
    else fail "autocast $name" "gradients $ours from f32, PyTorch's $theirs"; fi
  done
}

check_sanitizer() {
  local sanitizer code=0 fault='^=+ (Invalid|Program hit|Address|Malloc|Free|Fatal)'
  sanitizer=$(command -v compute-sanitizer || ls /usr/local/cuda/bin/compute-sanitizer 2>/dev/null) ||
    { skip sanitizer "no compute-sanitizer on this machine"; return; }
  [ -n "$tests" ] || { skip sanitizer "no lineament_cuda_tests in $build"; return; }
  # Calls that fail are not faults: libraries ask what a device can do, and take no for an answer.
  within 80 "$work/sanitizer.log" "$sanitizer" --report-api-errors no --error-exitcode 9 "$tests" \
    --test-case='nodes:*,updates:*,packs:*,faces:*,casts:*' || code=$?
  if [ $code = 124 ] && ! grep -qE "$fault" "$work/sanitizer.log"; then skip sanitizer "no fault until its time was up"
  elif [ $code != 0 ]; then fail sanitizer "$(grep -m1 -E "$fault" "$work/sanitizer.log" || first_error "$work/sanitizer.log")"
  elif ! ran sanitizer; then skip sanitizer "$(why sanitizer)"
  elif ! grep -q 'ERROR SUMMARY: 0 errors' "$work/sanitizer.log"; then fail sanitizer "it did not sum up"
  else passed sanitizer "$(counts "$work/sanitizer.log"), no fault"; fi
}

# train FOLDER OPTION...: a small training on drawn faces; the seed decides all
train() {
  within 60 "$work/train.log" "$lineament" train --model cnn --rows 600 --dev-rows 60 --augment fresh --schedule constant \
    --out "$@" || { local code=$?; tail -1 "$work/train.log"; return $code; }
}
dev_mse() { tail -1 "$1/history.csv" | cut -d, -f3; }

# Begun on one device, continued on the other, beside the same without a change.
check_devices() {
  local from to why
  for from in cpu cuda; do
    to=$([ $from = cpu ] && echo cuda || echo cpu)
    rm -rf "$work"/from_"$from"*
    why=$(train "$work/from_$from" --device $from --epochs 2) || { ended devices $? "$from: $why"; return; }
    cp -r "$work/from_$from" "$work/from_${from}_to_$to"
    why=$(train "$work/from_$from" --resume --device $from --epochs 4) || { ended devices $? "$from: $why"; return; }
    why=$(train "$work/from_${from}_to_$to" --resume --device $to --epochs 4) ||
      { ended devices $? "$from to $to: $why"; return; }
    local stayed moved
    stayed=$(dev_mse "$work/from_$from") moved=$(dev_mse "$work/from_${from}_to_$to")
    if awk -v a="$stayed" -v b="$moved" 'BEGIN { d = a / b - 1; exit !(d < 0.1 && d > -0.1) }'; then
      passed devices "begun on $from: dev MSE $stayed there, $moved on $to"
    else
      fail devices "begun on $from: dev MSE $stayed there, $moved on $to"
    fi
  done
}

check_bits() {
  local precision why run
  for precision in "${precisions[@]}"; do
    for run in 1 2; do
      rm -rf "$work/bits$run"
      why=$(train "$work/bits$run" --device cuda --precision "$precision" --deterministic --epochs 2) ||
        { ended bits $? "$precision: $why"; continue 2; }
    done
    if cmp -s "$work"/bits{1,2}/last.safetensors; then passed bits "$precision: two runs, the same bytes"
    else fail bits "$precision: two runs differ"; fi
  done
}

# number KEY < json: its first number, if there is one
number() { grep -o "\"$1\": *[-0-9.e+]*" | head -1 | sed 's/.*: *//' || true; }

# sample SECONDS NETWORK MODE BATCH PRECISION PROGRAM COMMAND...
declare -A nodes=()  # of each network
sample() {
  local label=("${@:2:5}") code=0 ms mb why
  within "$1" "$work/out" "${@:7}" || code=$?
  ms=$(number ms <"$work/out") mb=$(number peak_device_mb <"$work/out")
  if [ $code != 0 ] || [ -z "$ms" ]; then
    why=$(reason $code "$work/out")
    [ "$6" = lineament ] || code=124  # what a peer cannot do is no failure of ours
    ended "speed ${label[*]}" $code "$why"
    return
  fi
  [ "$6" != lineament ] || nodes[$2]=$(number nodes <"$work/out")
  (IFS=$'\t'; echo "${label[*]}"$'\t'"$ms"$'\t'"$mb") >>"$samples"
  say "$(printf '%-20s %-5s %4s %-4s %-14s %9.3f ms %9.0f MB' "${label[@]}" "$ms" "$mb")"
}

# beside PROGRAM SECONDS NETWORK MODE BATCH PRECISION OPTION...: a row by ours, then, with a PROGRAM, by PyTorch
late=0  # rows left out
beside() {
  local program=$1 what=("${@:3:4}") infer=()
  [ "$(left)" -gt 15 ] || { late=$((late + 1)); return 0; }
  [ "$4" = train ] || infer=(--infer)
  sample 170 "${what[@]}" lineament "$lineament" bench step "$3" --as-peers "${infer[@]}" --batch "$5" --device cuda \
    --precision "$6" --steps "$steps" --json
  [ -z "$program" ] || sample "$2" "${what[@]}" "$program" "$python" tests/reference/torch_step.py "$3" "$4" \
    --batch "$5" --device cuda --precision "$6" --steps "$steps" "${@:7}"
}
told_late() { [ $late = 0 ] || skip "speed beside $1" "out of time for $late of its rows (MOST)"; late=0; }

# all_beside PROGRAM: what matters most first
all_beside() {
  local network mode batch precision
  for mode in "${modes[@]}"; do
    for precision in "${precisions[@]}"; do
      for batch in "${batches[@]}"; do
        for network in "${networks[@]}"; do beside "$1" 170 "$network" "$mode" "$batch" "$precision"; done
      done
    done
  done
  told_late "${1:-nothing}"
}

by_size() { for network in "$@"; do echo "${nodes[$network]:-0} $network"; done | sort -sn | cut -d' ' -f2; }

# Compiling takes most of the time, of large networks minutes: those come last, and one that is cut off costs its own cell alone.
compiled() {
  local network mode batch precision
  for network in $(by_size "${networks[@]}"); do
    for mode in "${modes[@]}"; do
      for precision in "${precisions[@]}"; do
        for batch in "${batches[@]}"; do
          beside torch.compile "${COMPILE_LIMIT:-120}" "$network" "$mode" "$batch" "$precision" --compile
        done
      done
    done
  done
  told_late torch.compile
}

check_speed() {
  if ! has_torch; then
    skip "speed beside PyTorch" "$no_torch"
    all_beside ''
    return
  fi
  all_beside torch
  [ "${COMPILE:-1}" = 0 ] || compiled
}

# Milliseconds, ours the mean of its runs; times as fast as each of PyTorch's; MB.
table() {
  [ -s "$samples" ] || return 0
  printf '\n%-20s %-5s %5s %-4s %9s %9s %9s %8s %8s %8s %8s\n' network mode batch as ours eager compiled x-eager x-comp. MB \
    MB/eager
  awk -F'\t' '{
    key = sprintf("%-20s %-5s %5s %-4s", $1, $2, $3, $4)
    if (!(key in seen)) { seen[key] = 1; order[++n] = key }
    sum[key, $5] += $6; runs[key, $5] += 1; mb[key, $5] = $7
  }
  function mean(key) { return runs[key] ? sum[key] / runs[key] : 0 }
  function cell(x, format) { return x > 0 ? sprintf(format, x) : "-" }
  function ratio(a, b) { return a > 0 && b > 0 ? sprintf("%.2f", a / b) : "-" }
  END {
    for (i = 1; i <= n; ++i) {
      k = order[i]; our = mean(k SUBSEP "lineament"); eager = mean(k SUBSEP "torch"); compiled = mean(k SUBSEP "torch.compile")
      printf "%s %9s %9s %9s", k, cell(our, "%.3f"), cell(eager, "%.3f"), cell(compiled, "%.3f")
      printf " %8s %8s", ratio(eager, our), ratio(compiled, our)
      printf " %8s %8s\n", cell(mb[k, "lineament"], "%.0f"), ratio(mb[k, "lineament"], mb[k, "torch"])
    }
  }' "$samples"
}

nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader 2>/dev/null || true
for part in "${parts[@]}"; do
  declare -F "check_$part" >/dev/null || { echo "gpu_check.sh: PARTS: no part $part" >&2; exit 2; }
  if [ "$(left)" -gt 0 ]; then "check_$part"; else skip "$part" "out of time (MOST)"; fi
done
printf '\n'
cat "$summary"
table
exit $failed
