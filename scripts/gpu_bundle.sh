#!/usr/bin/env bash
# Puts what a bare GPU machine needs into one folder: the command, the CUDA tests, and the libraries that such a machine lacks. The
# driver, cuBLAS and cuDNN stay out: they come with CUDA, or with Python's torch, and gpu_check.sh finds them there.
# usage: scripts/gpu_bundle.sh [BUILD [FOLDER]]     [build/cuda build/gpu]
set -euo pipefail
case ${1:-} in -*) sed -n '2,4s/^# //p' "$0"; exit 2 ;; esac
cd "$(dirname "$0")/.."
build=${1:-build/cuda}
to=${2:-build/gpu}
programs=("$build/lineament" "$build/tests/lineament_cuda_tests")
for program in "${programs[@]}"; do
  [ -x "$program" ] || { echo "gpu_bundle.sh: $program: not there (cmake --preset cuda && cmake --build --preset cuda)" >&2; exit 2; }
done

rm -rf "$to"
mkdir -p "$to/lib"
for program in "${programs[@]}"; do strip -o "$to/${program##*/}" "$program"; done
# "libfmt.so.9 => /usr/lib/.../libfmt.so.9 (0x...)"; the C and C++ libraries must be the machine's own
ldd "${programs[@]}" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }' | sort -u |
  grep -vE '/(ld-linux.*|libc|libm|libdl|librt|libresolv|libpthread|libstdc\+\+|libgcc_s|libcuda|libcublas|libcublasLt|libcudnn[a-z_]*|libnvrtc[a-z-]*)\.so' |
  xargs -r cp -Lt "$to/lib"
du -sh "$to" | cut -f1
