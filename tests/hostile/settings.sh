# Settings by --set, config.json and recipes: the same numbers as options take, nested no deeper than anybody writes.
number_keys() {  # "optimizer.rate" and the like, of a config.json
  awk '/^  "[a-z_]+": \{/ { gsub(/[" :{]/, ""); group = $0 "."; next }
       /^  \}/ { group = ""; next }
       /^ +"[a-z_0-9]+": -?[0-9]/ && !/"version"/ { sub(/^ +"/, ""); sub(/".*/, ""); print group $0 }' run/config.json
}
nested() { printf "%0$2d" 0 | sed "s/0/$1/g"; }  # a text so many times
keys=$(number_keys)
expect 'there are keys of numbers' test "$(wc -w <<<"$keys")" -gt 30
json_of() {  # {"optimizer": {"rate": VALUE}}
  case $1 in *.*) echo "{\"${1%%.*}\": {\"${1#*.}\": $2}}" ;; *) echo "{\"$1\": $2}" ;; esac
}
by_set=(5x ' 5' '5 ' +5 0x10 1_0 nan inf 1e999 five '' true '"5"' '[5]')
by_json=('"5"' null '[5]' '{"a": 5}' true 1e400 '"nan"')
by_toml=('"5"' nan -inf true '[5]' 2099-01-01)
turn=0
for key in $keys; do  # each key meets some of them, each of them some key
  refused 'expected' train --set "$key=-1"
  refused "$key" train --set "$key=${by_set[turn % ${#by_set[@]}]}"
  json_of $key "${by_json[turn % ${#by_json[@]}]}" >bad.json
  refused 'bad.json: ' train --config bad.json
  echo "$key = ${by_toml[turn % ${#by_toml[@]}]}" >bad.toml
  refused 'bad.toml: ' train --recipe bad.toml
  turn=$((turn + 1))
done
for value in "${by_set[@]}"; do refused 'expected a ' train --set "optimizer.rate=$value"; done
for value in "${by_set[@]}" 1e3 5.0; do refused 'expected a ' train --set "batch=$value"; done
for key in rows epochs batch seed stop.patience; do
  json_of $key 5.5 >bad.json
  refused "\"$key\" is 5.5, expected a whole number" train --config bad.json
  json_of $key 99999999999999999999999 >bad.json
  refused "\"$key\" is 9.999999999999999e+22, expected a whole number" train --config bad.json
done
refused '"seed" is -1, expected a whole number, 0 to 9223372036854775807' train --set seed=-1
refused '"batch" is 99999999999, expected a whole number, 1 to 65536' train --set batch=99999999999
refused '--threads 100000: expected 0 to ' train --set threads=100000
refused '--set threads=+5: expected a number' train --set threads=+5

# Depth.
nested '{"a":' 100000 >deep.json; nested '}' 100000 >>deep.json
refused 'deep.json: nested deeper than 64' train --config deep.json
nested '\[' 100000 >brackets.json
refused 'brackets.json: nested deeper than 64' train --config brackets.json
nested '{"a":' 100000 >open.json
refused 'open.json: nested deeper than 64' train --config open.json
dots=$(nested 'a.' 30000)a
refused 'nested deeper than 64' train --set "$dots=1"
refused 'expected a whole number' train --set "rows=$(nested '\[' 30000)"
refused 'nested deeper than 64' train --set "rows.$(nested '"a". ' 10000)a=1"
refused 'nested deeper than 64' study --set "$dots=1"
refused 'nested deeper than 64' augment --set "$dots=1"
nested 'a.' 200000 >dots.toml; echo 'a = 1' >>dots.toml
refused 'dots.toml: nested deeper than 64' train --recipe dots.toml
{ printf '['; nested 'a.' 200000; echo 'a]'; } >table.toml
refused 'table.toml: nested deeper than 64' train --recipe table.toml
{ printf 'rows = '; nested '\[' 200000; } >brackets.toml
refused 'brackets.toml:1:' train --recipe brackets.toml
{ printf 'rows = '; nested '{a=' 200000; } >inline.toml
refused 'inline.toml:1:' train --recipe inline.toml
refused 'dots.toml: nested deeper than 64' train --points dots.toml
head -c 2000000 /dev/zero | tr '\0' '#' >long.toml
refused 'long.toml: 2000000 bytes' train --recipe long.toml
refused 'long.toml: 2000000 bytes' train --points long.toml
refused 'deeper.toml: nested deeper than 64' study --recipes deeper.toml < <(cp dots.toml deeper.toml)

# A checkpoint's settings and state, in the header of its file.
with_header() {  # OUT SED: run/model.safetensors with another header
  local size; size=$(od -An -tu8 -N8 run/model.safetensors | tr -d ' ')
  tail -c +9 run/model.safetensors | head -c "$size" | sed "$2" >header
  size=$(wc -c <header)
  { printf "\\x$(printf %x $((size & 255)))\\x$(printf %x $((size >> 8 & 255)))\\x$(printf %x $((size >> 16 & 255)))\\0\\0\\0\\0\\0"
    cat header; tail -c +$((9 + $(od -An -tu8 -N8 run/model.safetensors))) run/model.safetensors; } >"$1"
}
with_header plain.safetensors 's/x/x/'
same plain.safetensors run/model.safetensors
works 'faces of' evaluate plain.safetensors
deep=$(nested '{\\\\"a\\\\":' 5000)1$(nested '}' 5000)
printf '%s' "s/\\\\\"rows\\\\\": 60/\\\\\"rows\\\\\": $deep/" >deep.sed
with_header deep.safetensors "$(cat deep.sed)"
refused 'nested deeper than 64' evaluate deep.safetensors
with_header state.safetensors 's/"state":"{/"state":"{{/'
refused 'state.safetensors: where its training stood: is no JSON' evaluate state.safetensors

# Files that are not what they should be.
: >empty.json; : >empty.toml
refused 'empty.json: is empty' train --config empty.json
printf ' \n\t\n' >blank.json
refused 'blank.json: is empty' train --config blank.json
for text in '{' '[1]' '5' 'null' '"x"' '{"rows": 5,}' '{"rows": 05}' '{rows: 5}' '{"rows": 5} x' '{"rows": NaN}' '{"rows": 0x10}'; do
  printf '%s' "$text" >bad.json
  refused 'bad.json: ' train --config bad.json
done
echo '{"rows": 50, "rows": 60}' >twice.json
refused 'twice.json: an object says a key twice' train --config twice.json
printf 'rows = 50\nrows = 60\n' >twice.toml
refused 'twice.toml:2:' train --recipe twice.toml
refused 'did you mean "optimizer.rate"?' train --set optimizer.rte=1
refused 'did you mean "augment.rotation"?' train --set rotation=1
refused 'unknown setting' train --set optimizer=5
refused 'expected KEY=VALUE' train --set batch
refused 'expected KEY=VALUE' train --set =5
refused 'expected KEY=VALUE' train --set batch=5$'\n'seed=3
refused 'expected KEY=VALUE' train --set rows=5$'\t'
refused '--set batch=5 # x: expected a number' train --set 'batch=5 # x'
refused '...' train --set "$(nested x 3000)=1"
refused '...' train --set "rows=$(nested x 3000)"
refused '"data" is 5, expected a text' train --set data=5
refused 'expected true or false' train --set deterministic=1
for value in 5 '[5]' '[{epochs=1}]' '[{epochs=1,rate=1,x=2}]' '[{epochs=1.5,rate=1e-3}]' '[{epochs=0,rate=1e-3}]' \
  '[{epochs=1,rate=0}]' '[{epochs=2000000,rate=1}]'; do
  refused 'expected' train --set "stages=$value"
done
refused 'stages: 101 of them, expected at most 100' train --set "stages=[$(nested '{epochs=1,rate=1e-3},' 101)]"

# Rows and the dev set.
refused 'ask for --dev-rows 20 or fewer' train --rows 40 --dev-rows 30
refused 'give more labelled rows, or another data set to measure on (--dev)' train --rows 1 --dev-rows 1
refused 'none is left to train on; give more rows' train --rows 1 --dev-every 2
