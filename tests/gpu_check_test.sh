#!/usr/bin/env bash
# scripts/gpu_check.sh with programs that only pretend, as no GPU is needed to see what it makes of their answers:
# gpu_check_test.sh <source folder>
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { printf '%s\n' "$1" "--- it said:" "$(cat "$work/said")"; exit 1; }
# pretend PROGRAM < the lines of a shell script
pretend() { { echo '#!/usr/bin/env bash'; cat; } >"$work/$1"; chmod +x "$work/$1"; }
check() { "$1/scripts/gpu_check.sh" "$work" >"$work/said" 2>&1; }

code=0; check "$1" || code=$?
[ $code = 2 ] && grep -q 'lineament: not there (cmake' "$work/said" || fail "without a program: exit code $code, expected 2 and how to build it"

pretend lineament <<'END'
echo "device cuda: this machine has no NVIDIA driver" >&2
exit 2
END
code=0; check "$1" || code=$?
[ $code = 2 ] && grep -qx 'gpu_check.sh: device cuda: this machine has no NVIDIA driver' "$work/said" ||
  fail "without a GPU: exit code $code, expected 2 and the program's own line"

# Of two runs 4 ms and 6 ms: one beside each peer, and the table has their mean.
pretend lineament <<'END'
echo >>"$0.runs"
echo "{\"ms\": $((2 + 2 * (1 + $(wc -l <"$0.runs") % 2))).0, \"peak_device_mb\": 1000.5}"
END
pretend python <<'END'
case "$*" in
*torch_step.py*--compile*) echo '{"ms": 7.50, "peak_device_mb": 3000}' ;;
*torch_step.py*) echo '{"ms": 10.0, "peak_device_mb": 2000}' ;;
esac
END
pretend lineament_cuda_tests <<'END'
echo "[doctest] test cases:  5 |  4 passed | 1 failed | 0 skipped"
exit 1
END
export PYTHON=$work/python PARTS="ops speed" NETWORKS=resnet50 PRECISIONS="bf16 f32 tf32" MODES=train
code=0; check "$1" || code=$?
[ $code = 1 ] && grep -qx 'ops: FAILED: 4 passed, 1 failed.*' "$work/said" || fail "a test that fails: exit code $code, expected 1"
for row in "bf16" "f32 " "tf32"; do
  grep -qE "^resnet50 +train +64 $row +5.000 +10.000 +7.500 +2.00 +1.50 +100[01] +0.50$" "$work/said" || fail "the table's row of $row"
done

pretend lineament_cuda_tests <<'END'
echo "skipped: no GPU"
END
check "$1" || fail "a part that was skipped is no failure"
grep -qx 'ops: skipped: no GPU' "$work/said" || fail "tests that ran nothing did not pass"
MOST=15 check "$1" || fail "no time is no failure"
grep -q 'out of time for 3 of its rows' "$work/said" || fail "rows left out for want of time are not told"

pretend lineament_cuda_tests <<'END'
echo "op_test.cpp:7: ERROR: CHECK( 1 < 0 ) is NOT correct!"
exec sleep 60
END
code=0; MOST=2 PARTS=ops check "$1" || code=$?
[ $code = 1 ] && grep -q '^ops: FAILED: .*NOT correct' "$work/said" || fail "an error, then no time: exit code $code, expected 1"

pretend lineament_cuda_tests <<'END'
echo "steps go call by call, as they cannot be recorded: no reason"
echo "[doctest] test cases:  5 |  5 passed | 0 failed | 0 skipped"
END
PARTS=ops check "$1" || fail "what is not recorded is no failure"
grep -q 'cannot be recorded: no reason' "$work/said" || fail "what is not recorded is not told"

pretend lineament <<'END'
case "$*" in *resnet50*) echo "an illegal memory access"; exit 1 ;; esac
END
code=0; PARTS=speed PRECISIONS=f32 check "$1" || code=$?
[ $code = 1 ] && grep -q '^speed resnet50 train 64 f32 lineament: FAILED: an illegal memory access' "$work/said" ||
  fail "a step that crashes: exit code $code, expected 1"
pretend python <<'END'
case "$*" in *torch_step.py*) echo "no such network"; exit 1 ;; esac
END
pretend lineament <<'END'
echo '{"ms": 5.0, "peak_device_mb": 1000}'
END
PARTS=speed PRECISIONS=f32 check "$1" || fail "a peer that crashes is no failure"
grep -q '^speed resnet50 train 64 f32 torch: skipped: no such network' "$work/said" || fail "a peer that crashed is not told"

# In which order samples are taken: what matters most first; compiled ones last, of large networks last of all. One that is cut
# off costs no other.
pretend lineament <<END
echo "\$*" | grep -q -- --steps.1 || echo "\$*" | sed -nE 's/^bench step (\S+) .*--precision (\S+).*/ours \1 \2/p' >>"$work/order"
case "\$*" in *large*) nodes=900 ;; *) nodes=100 ;; esac
echo "{\"ms\": 5.0, \"nodes\": \$nodes, \"peak_device_mb\": 1000}"
END
pretend python <<END
case "\$*" in
*torch_step.py*)
  echo "torch \$2 \$9 \$(case "\$*" in *--compile) echo compiled ;; esac)" | sed 's/ *$//' >>"$work/order"
  case "\$*" in *small*--compile) exec sleep 60 ;; esac
  echo '{"ms": 10.0, "peak_device_mb": 2000}' ;;
esac
END
PARTS=speed NETWORKS="large small" PRECISIONS="bf16 tf32" COMPILE_LIMIT=1 check "$1" || fail "a sample that is cut off is no failure"
printf '%s\n' "ours large bf16" "torch large bf16" "ours small bf16" "torch small bf16" "ours large tf32" "torch large tf32" \
  "ours small tf32" "torch small tf32" "ours small bf16" "torch small bf16 compiled" "ours small tf32" \
  "torch small tf32 compiled" "ours large bf16" "torch large bf16 compiled" "ours large tf32" "torch large tf32 compiled" |
  diff - "$work/order" >"$work/said" || fail "the order of samples"

pretend lineament_cuda_tests <<'END'
printf '%s\n' "  autocast efficientnet_b0 0.3200" "  autocast efficientnet_lite0 0.3300"
echo "[doctest] test cases:  1 |  1 passed | 0 failed | 5 skipped"
END
pretend python <<'END'
case "$*" in
*torch_autocast_distance.py*efficientnet_*efficientnet_*--batch\ 24)
  printf '%s\n' '{"model": "efficientnet_b0", "distance": 0.25, "distances": [0.2]}' '{"model": "efficientnet_lite0", "distance": 0.25}' ;;
esac
END
code=0; PARTS=autocast check "$1" || code=$?
[ $code = 1 ] && grep -qx 'autocast efficientnet_b0: passed: gradients 0.3200 from f32, PyTorch.s 0.25' "$work/said" &&
  grep -q '^autocast efficientnet_lite0: FAILED: gradients 0.3300 from' "$work/said" || fail "gradients 1.28 and 1.32 times as far: exit code $code"
pretend python <<'END'
exit 1
END
PARTS=autocast check "$1" || fail "no torch is no failure"
grep -q '^autocast beside PyTorch: skipped: .* has no torch' "$work/said" || fail "no torch is not told"
