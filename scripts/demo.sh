#!/usr/bin/env bash
# From nothing to keypoints on faces: installs, builds, trains on drawn faces and shows what came out. Under ten minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
run=runs/demo

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
quiet=
[ -t 1 ] || { say() { printf '\n%s\n' "$*"; }; quiet=--quiet; }

say "1  Packages"
scripts/install.sh
echo "all there"

say "2  The command (about two minutes the first time)"
cmake --preset cpu >/dev/null
cmake --build --preset cpu --target lineament_command -- $quiet
lineament=build/cpu/lineament

say "3  Training: a map for each point, on 2,000 drawn faces with the contest's gaps"
rm -rf "$run"
"$lineament" train --recipe quick --rows 2000 --dev-rows 200 --epochs 12 --out "$run"

say "4  How good it is, on faces that it never saw"
"$lineament" evaluate "$run"

say "5  Keypoints of a picture"
"$lineament" predict "$run" docs/pictures/face.png --draw --out "$run/answers"
cut -d, -f1-5 "$run/answers/keypoints.csv" | sed 's/$/,.../'

say "To look at"
for picture in curves.png predictions.png answers/face.png; do echo "  $run/$picture"; done
