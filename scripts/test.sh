#!/usr/bin/env bash
# Builds and tests everything: optimised, with the CUDA backend where nvcc is found, then under the address and
# undefined-behaviour sanitizers.
# usage: scripts/test.sh [--fast]      --fast leaves the sanitizers out
set -euo pipefail
cd "$(dirname "$0")/.."

optimised=cpu
if command -v nvcc >/dev/null; then optimised=cuda; fi
presets=($optimised debug)
case ${1:-} in
  "") ;;
  --fast) presets=($optimised) ;;
  *) sed -n '2,4s/^# //p' "$0"; exit 2 ;;
esac

scripts/install.sh
[ $optimised = cuda ] || echo "skipped: the CUDA backend is not compiled: no nvcc on this machine"
for preset in "${presets[@]}"; do
  cmake --preset "$preset" -DLINEAMENT_WERROR=ON -DCMAKE_CUDA_ARCHITECTURES=90-real  # one is enough to see that it compiles
  cmake --build --preset "$preset"
  ctest --preset "$preset" --parallel "$(nproc)"
done
