#!/bin/sh
# No object compiled for wide registers holds code that a linker may choose for everybody: levels_test.sh <build folder>
# But for __clang_call_terminate, clang's own: two calls, the same bytes at every level.
set -eu
found=
for level in avx2 avx512; do
  symbols=$(nm -C "$1/CMakeFiles/lineament_$level.dir"/kernels/cpu/simd/*.o)  # on a line of its own: its failure is the test's
  found=$found$(echo "$symbols" | grep ' W ' | grep -v -e "lineament::$level::" -e ' __clang_call_terminate$' || true)
done
[ -z "$found" ] || { printf 'weak symbols outside their level:\n%s\n' "$found"; exit 1; }
