#!/usr/bin/env bash
# Fuzzes the readers of weight files, one format after the other, under the address and undefined-behaviour sanitizers.
# usage: scripts/fuzz.sh [SECONDS] [FORMAT...]      60 s each of: h5 pytorch_zip pytorch_legacy safetensors npz
# Needs clang and libclang-rt-14-dev (apt-get install clang libclang-rt-14-dev), which nothing else here does.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
formats=("${@:2}")
[ ${#formats[@]} -gt 0 ] || formats=(h5 pytorch_zip pytorch_legacy safetensors npz)
command -v clang++ >/dev/null || { echo "fuzz.sh: needs clang: apt-get install clang libclang-rt-14-dev" >&2; exit 1; }

build=build/fuzz
mkdir -p "$build"
sources=(tests/fuzz/read_weights.cpp base/atomic_file.cpp tensor/shape.cpp
         weights/{element,gather,h5,h5_reader,npz,pickle,pytorch,safetensors,safetensors_weights,weight_file,zip_reader}.cpp)
flags=(-std=c++20 -O1 -g -I. -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined)
libraries=(-lfmt $(pkg-config --libs libzip))
if hdf5=$(pkg-config --cflags --libs hdf5-serial 2>/dev/null); then
  flags+=(-DLINEAMENT_HDF5)
  libraries+=($hdf5)
fi

objects=()
for source in "${sources[@]}"; do
  object=$build/$(basename "$source" .cpp).o
  objects+=("$object")
  [ "$object" -nt "$source" ] && continue
  clang++ "${flags[@]}" $(pkg-config --cflags hdf5-serial 2>/dev/null || true) -c "$source" -o "$object"
done
clang++ -fsanitize=fuzzer,address,undefined "${objects[@]}" "${libraries[@]}" -o "$build/read_weights"

for format in "${formats[@]}"; do
  echo "== $format, $seconds s"
  mkdir -p "$build/found_$format"
  "$build/read_weights" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 -max_len=65536 -print_final_stats=1 \
    -verbosity=0 -artifact_prefix="$build/crash_$format-" "$build/found_$format" "tests/fuzz/corpus/$format"
done
