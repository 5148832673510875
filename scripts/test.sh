#!/usr/bin/env bash
# Builds and tests everything: optimised, then under the address and undefined-behaviour sanitizers.
# usage: scripts/test.sh [--fast]      --fast leaves the sanitizers out
set -euo pipefail
cd "$(dirname "$0")/.."

presets=(cpu debug)
case ${1:-} in
  "") ;;
  --fast) presets=(cpu) ;;
  *) sed -n '2,3s/^# //p' "$0"; exit 2 ;;
esac

scripts/install.sh
for preset in "${presets[@]}"; do
  cmake --preset "$preset" -DLINEAMENT_WERROR=ON
  cmake --build --preset "$preset"
  ctest --preset "$preset" --parallel "$(nproc)"
done
