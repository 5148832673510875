#!/usr/bin/env bash
# Builds dlib_landmarks and runs it: apt-get install libdlib-dev liblapack-dev libblas-dev
#   tests/reference/dlib_landmarks.sh [FOLDER] [--NAME VALUE ...]     FOLDER: ../shared/photos68/crops; names: see the source
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$here/../../../shared/photos68/crops
case ${1:-} in '' | --*) ;; *) folder=$1; shift ;; esac

program=$(mktemp -d)/dlib_landmarks
trap 'rm -r "$(dirname "$program")"' EXIT
g++ -std=c++20 -O3 -march=native -w "$here/dlib_landmarks.cpp" -ldlib -llapack -lblas -o "$program"
"$program" "$folder" "$@"
