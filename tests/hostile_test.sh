#!/usr/bin/env bash
# What the command does with input that is wrong, row by row: hostile_test.sh <lineament> <table>
# A table (tests/hostile/*.sh) is rows of these words, in a folder of its own that is thrown away:
#   refused PART ARGUMENTS...   exit code 2 within 10 s; stderr is one line, "lineament: ", with PART in it
#   failed PART ARGUMENTS...    exit code 1, and PART is in what it says
#   works PART ARGUMENTS...     exit code 0, and PART is in what it says
#   same A B                    two files have the same bytes
#   expect WHAT COMMAND...      any other check: a command of the shell that must succeed
# Variables before a row are its environment; (ulimit ...; row) bounds it. `run` is a finished run of 2 epochs.
set -u
lineament=$(realpath "$1") table=$(realpath "$2")
work=$(mktemp -d)
trap 'chmod -R u+rwx "$work" 2>/dev/null; rm -rf "$work"' EXIT
mkdir "$work/cases" "$work/told" && cd "$work/cases" || exit 1
export OMP_WAIT_POLICY=passive

told=$work/told
complain() {  # in the words of a compiler: the row's line comes first
  printf '%s:%s: %s\n' "$(basename "$table")" "$line" "$1"
  shift
  printf '    %s\n' "$@"
  echo >>"$told/wrong"
}

# ask EXPECTED_CODE PART ARGUMENTS...
ask() {
  local expected=$1 part=$2 code=0
  shift 2
  line=${BASH_LINENO[1]}
  echo >>"$told/rows"
  timeout --kill-after=5 60 "$lineament" "$@" >"$told/out" 2>"$told/err" </dev/null || code=$?
  # Builtins alone from here on: a row costs the command and little else.
  local out err lines=()
  { out=$(<"$told/out") err=$(<"$told/err"); } 2>/dev/null  # of bytes that are no text, zeros are left out
  [ $code = "$expected" ] || { complain "exit code $code, expected $expected" "lineament $*" "${err:0:600}"; return; }
  if [ "$expected" = 2 ]; then
    mapfile -t lines <"$told/err"
    [ ${#lines[@]} = 1 ] || { complain "${#lines[@]} lines of errors, expected 1" "lineament $*" "${err:0:600}"; return; }
    [[ $err == 'lineament: '* ]] || { complain "no line that begins with \"lineament: \"" "lineament $*" "${err:0:600}"; return; }
    [ ${#err} -le 1000 ] || complain "a line of ${#err} characters" "lineament $*"
  fi
  [[ $out$err == *"$part"* ]] || complain "no \"$part\" in what it says" "lineament $*" "${err:0:600}"
}
refused() {
  local begin=$SECONDS
  ask 2 "$@"
  [ $((SECONDS - begin)) -le 10 ] || complain "refused after $((SECONDS - begin)) s, expected at most 10" "$*"
}
failed() { ask 1 "$@"; }
works() { ask 0 "$@"; }
expect() {
  local what=$1
  shift
  line=${BASH_LINENO[0]}
  echo >>"$told/rows"
  "$@" >"$told/out" 2>&1 || complain "$what: not so" "$*" "$(tail -n 3 "$told/out")"
}
# Sanitizers need terabytes of addresses and files of their own: rows that bound these are for other builds.
sanitized() { grep -qa __asan_init "$lineament"; }
same() {
  line=${BASH_LINENO[0]}
  echo >>"$told/rows"
  cmp -s "$1" "$2" || complain "$1 and $2 differ, expected the same bytes"
}

: >"$told/rows"; : >"$told/wrong"
line=0
"$lineament" train --model baseline --rows 60 --dev-rows 10 --epochs 2 --out run >"$told/out" 2>&1 ||
  { echo "the run that rows are about was not trained:"; tail -n 3 "$told/out"; exit 1; }
rm -f run/*.png
source "$table"
left=$(find . -name '*.tmp' | head -n 3)
[ -z "$left" ] || { line=end complain "half-written files are left" "$left"; }
rows=$(wc -l <"$told/rows") wrong=$(wc -l <"$told/wrong")
echo "$(basename "$table"): $rows rows, $wrong wrong"
[ "$rows" -gt 0 ] && [ "$wrong" = 0 ]
