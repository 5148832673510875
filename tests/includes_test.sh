#!/usr/bin/env bash
# Includes point one way, and what is foreign stays in its folder: apps -> {bench, report} -> train -> network -> {models,
# weights, optim} -> layers -> kernels -> {data, tensor} -> base. What a face is (data/) needs nobody but base.
set -euo pipefail
cd "$1"

declare -A below=(
  [base]=""
  [tensor]="base"
  [data]="base"
  [kernels]="data tensor base"
  [layers]="kernels tensor base"
  [optim]="layers kernels tensor base"
  [models]="data layers kernels tensor base"
  [weights]="data models layers kernels tensor base"
  [network]="models weights data layers kernels tensor base"
  [train]="network data models optim weights layers kernels tensor base"
  [report]="train network data models optim weights layers kernels tensor base"
  [bench]="train network data models optim weights layers kernels tensor base"
  [apps]="bench report train network data models optim weights layers kernels tensor base"
)
status=0
complain() { echo "$1"; status=1; }

# folder/file:line:path, of every include in quotes
includes() { grep -rnoP --include='*.h' --include='*.cpp' --include='*.cu' '^\s*#include "\K[^"]+' "$@" || true; }

for folder in "${!below[@]}"; do
  [ -d "$folder" ] || continue
  while IFS=: read -r file line path; do
    [ -n "$path" ] || continue
    target=${path%%/*}
    [ -f "$path" ] || { [ "$path" = gnuplot-iostream.h ] && continue; complain "$file:$line: \"$path\" is not in the tree"; }
    [ "$target" = "$folder" ] && continue
    [[ " ${below[$folder]} " == *" $target "* ]] || complain "$file:$line: $folder must not include $path"
  done < <(includes "$folder")
done

# only_in FOLDERS WHAT PATTERN: angle-bracket includes of a kind appear in these folders only
only_in() {
  local found
  found=$(grep -rnE --include='*.h' --include='*.cpp' --include='*.cu' "^\s*#include [<\"]($3)" "${!below[@]}" tests 2>/dev/null |
          grep -vE "^($1)/" || true)
  [ -z "$found" ] || complain "$2 outside $1:"$'\n'"$found"
}
only_in kernels/cpu "Eigen, OpenMP or intrinsics" 'Eigen/|omp\.h|[a-z]*mmintrin\.h|x86intrin\.h|cpuid\.h'
only_in bench "oneDNN" 'oneapi/|dnnl'
only_in 'kernels/cuda|tests/cuda_on_host' "CUDA" 'cuda|cudnn|cublas|nccl|cooperative_groups'

# What layers see of the kernels is their list; what a private folder holds is its own affair.
for private in kernels/cpu kernels/cuda; do
  found=$(grep -rn --include='*.h' --include='*.cpp' "#include \"$private/" base tensor layers optim models weights data network train report bench apps 2>/dev/null || true)
  [ -z "$found" ] || complain "$private included from outside kernels:"$'\n'"$found"
done
exit $status
