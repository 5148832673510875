#!/usr/bin/env bash
# A stranger's program finds the installed library, builds against it and runs; the installed command runs too.
# consumer_test.sh <source folder> <build folder> <compiler>
set -euo pipefail
source_folder=$1 build_folder=$2 compiler=$3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cmake --install "$build_folder" --prefix "$folder/installed" >"$folder/log" || { cat "$folder/log"; exit 1; }
cp -r "$source_folder/tests/consumer" "$folder/source"
cmake -G Ninja -S "$folder/source" -B "$folder/build" -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$folder/installed" >"$folder/log" \
  && cmake --build "$folder/build" >>"$folder/log" || { cat "$folder/log"; exit 1; }
"$folder/build/consumer"
"$folder/installed/bin/lineament" --version
