#!/bin/sh
# No function is defined once in line and once out of line: a linker takes either, and says nothing: symbols_test.sh <build folder>
set -eu
objects=$(find "$1/CMakeFiles" "$1/apps" "$1/bench" -name '*.o')
[ -n "$objects" ] || { echo "$1: no objects to look at"; exit 1; }
symbols=$(nm $objects)
twice=$(echo "$symbols" | awk '$2 == "T" { defined[$3] = 1 } $2 == "W" { in_line[$3] = 1 }
                               END { for (name in defined) if (name in in_line) print name }' | c++filt | sort)
[ -z "$twice" ] || { printf 'defined in line and out of line:\n%s\n' "$twice"; exit 1; }
