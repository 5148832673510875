# Files that must not be lost: inputs, modes and links, half-written files, names that are no UTF-8; and programs that are not there.
base64 -d >me.png <<<'iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAAXElEQVR4XmNkYGDgQKAoJPYyqoizgIxnoCEYFhZEIQXQMiQ2dcRH44Bg+gMGEfXDnYEBEX+jcUBMHIzmA/yhRI9UNJoPBj4ORvPBaD6gsM002i4i2I4arZMJpjEAR3khyFv9Hl4AAAAASUVORK5CYII='
pixels=$(yes 100 | head -n 9216 | tr '\n' ' ' | sed 's/ $//')
printf 'ImageId,Image\n1,%s\n' "$pixels" >test.csv
printf 'RowId,ImageId,FeatureName,Location\n1,1,nose_tip_x,\n' >IdLookupTable.csv
{ printf 'nose_tip_x,nose_tip_y,Image\n'; for row in 1 2 3 4; do printf '4%s,5%s,%s\n' $row $row "$pixels"; done; } >training.csv
printf 'photograph,eye_x,eye_y,nose_x,nose_y\nme.png,10,12,16,20\n' >photos.csv

# ---- What is read is never written over, by whatever name or link.
mkdir a b keep && cp me.png a/x.png && cp me.png b/x.png && cp me.png test.csv training.csv photos.csv IdLookupTable.csv keep/
cp -r run keep/run
unharmed() { same "$1" "keep/${2:-$1}"; }
works 'me-2.png' predict run me.png --draw --out .
unharmed me.png
works 'me-2.png' predict run ./b/../me.png --draw --out "$PWD"
unharmed me.png
ln -s me.png link.png
works 'link-2.png' predict run link.png --draw --out .
unharmed me.png
ln me.png hard.png
works 'hard-2.png' predict run hard.png --draw --out .
unharmed hard.png me.png
mkdir to && ln -s ../me.png to/y.png && cp me.png y.png
works 'to/y.png' predict run y.png --draw --out to
unharmed y.png me.png
cp keep/me.png me.png
rm to/y.png && ln -s ../y.png to/y.png
works 'to/y-2.png' predict run y.png --draw --out to
unharmed y.png me.png
works 'drawn/x-2.png' predict run a/x.png b/x.png --draw --out drawn
expect 'two inputs of one name have two drawings' test -s drawn/x.png -a -s drawn/x-2.png
unharmed b/x.png me.png
cp me.png me-2.png
works 'me-2-2.png' predict run me.png me-2.png --draw --out .
unharmed me-2.png me.png
cp test.csv keypoints.csv
refused 'keypoints.csv: is read by this command and will not be replaced' predict run keypoints.csv --out .
unharmed keypoints.csv test.csv
mkdir k && ln -s ../test.csv k/keypoints.csv
refused 'k/keypoints.csv: is read by this command' predict run test.csv --out k
unharmed test.csv
refused 'training.csv: is read by this command' impute training.csv --out training.csv
ln -s training.csv again.csv
refused 'again.csv: is read by this command' impute training.csv --out again.csv
refused 'is read by this command' impute again.csv --out b/../training.csv
unharmed training.csv
refused 'test.csv: is read by this command' submit run --data test.csv --out test.csv
refused 'IdLookupTable.csv: is read by this command' submit run --data test.csv --out IdLookupTable.csv
refused 'model.safetensors: is read by this command' submit run --data test.csv --out run/model.safetensors
unharmed test.csv; unharmed IdLookupTable.csv; unharmed run/model.safetensors
for name in config.json history.csv metrics.json; do
  refused "$name: is read by this command" report run --out run/$name
  unharmed run/$name
done
cp run/model.safetensors w.safetensors && ln -s w.safetensors w2.safetensors
refused 'w.safetensors: ' weights convert w.safetensors w.safetensors
refused 'w2.safetensors: ' weights convert w.safetensors w2.safetensors
refused 'run/model.safetensors: ' weights pack run run/model.safetensors
refused 'me.png: ' weights pack me.png x.safetensors
refused 'none: no such run' weights pack none x.safetensors
unharmed w.safetensors run/model.safetensors
refused 'is there already, in what is read' convert photos.csv --to csv --out photos.csv
cp me.png me.csv && printf 'photograph,eye_x,eye_y\nme.csv,10,12\n' >photos2.csv
refused 'will not be replaced' convert photos2.csv --to csv --out me.csv
unharmed photos.csv; unharmed me.csv me.png
cp me.png faces.png && printf 'photograph,eye_x,eye_y,nose_x,nose_y\nfaces.png,10,12,16,20\n' >photos3.csv
refused 'faces.png: is read by this command' describe photos3.csv --out .
unharmed faces.png me.png
cp me.png study.png && printf 'photograph,eye_x,eye_y,nose_x,nose_y\nstudy.png,12,12,20,20\n' >photos4.csv
refused 'study.png: is read by this command' augment --data photos4.csv --set crop.margin=2 --out .
unharmed study.png me.png

# ---- What is replaced keeps its mode and owner; links are written through.
mode_of() { stat -c %a "$1"; }
: >private.csv && chmod 600 private.csv
works '' impute training.csv --out private.csv
expect 'a private file stays private' test "$(mode_of private.csv)" = 600
chmod 664 private.csv
works '' impute training.csv --out private.csv
expect 'a file of a group stays so' test "$(mode_of private.csv)" = 664
: >target.csv && ln -s target.csv through.csv
works '' impute training.csv --out through.csv
expect 'a link stays one and is written through' test -L through.csv -a -s target.csv
mkdir far && ln -s far/new.csv dangling.csv
works '' impute training.csv --out dangling.csv
expect 'a link to nothing yet is written through' test -L dangling.csv -a -s far/new.csv
ln -s link2.csv link1.csv && ln -s far/end.csv link2.csv
works '' impute training.csv --out link1.csv
expect 'a link to a link too' test -L link1.csv -a -L link2.csv -a -s far/end.csv
ln -s none/new.csv nowhere.csv
refused 'nowhere.csv: cannot write: No such file' impute training.csv --out nowhere.csv
ln -s loop loop
ln -s loop.csv loop.csv
refused 'loop.csv: cannot write: Too many levels of symbolic links' impute training.csv --out loop.csv
expect 'the loop is still there' test -L loop.csv
mkdir -m 700 labels
works '' convert photos.csv --to pts --out labels
expect 'a folder that is filled keeps its mode' test "$(mode_of labels)" = 700
name=$(printf 'n%.0s' {1..240}).csv
works '' impute training.csv --out "$name"
expect 'the longest names can be written' test -s "$name"
if [ "$(id -u)" = 0 ]; then
  chown 65534:65534 private.csv
  works '' impute training.csv --out private.csv
  expect 'a file stays its owner'\''s' test "$(stat -c %u:%g private.csv)" = 65534:65534
fi

# ---- Pictures are a help: without them a run is whole. A command that was asked for them says what it lacks.
train=(train --model baseline --rows 60 --dev-rows 10 --epochs 1)
GNUTERM=qt HOME=$PWD/home TMPDIR=$PWD/none works 'best epoch 1' "${train[@]}" --out qt
expect 'its curves are drawn all the same' test -s qt/curves.png
mkdir home && echo 'set terminal dumb; quit' >home/.gnuplot
HOME=$PWD/home works 'missing.png' describe --rows 9 --out described
mkdir bin broken && for tool in timeout cat grep wc tail head; do ln -s "$(command -v $tool)" bin/; ln -s "$(command -v $tool)" broken/; done
PATH=$PWD/bin works 'curves.png: not drawn: ' "${train[@]}" --out no_gnuplot
expect 'its metrics are there' test -s no_gnuplot/metrics.json -a -s no_gnuplot/predictions.png
PATH=$PWD/bin failed 'gnuplot-nox' describe --rows 9 --out d
PATH=$PWD/bin failed 'gnuplot-nox' report run --out r.html
expect 'nothing is left of the report' test ! -e r.html
printf '#!/bin/sh\necho "no colours left" >&2\nexit 3\n' >broken/gnuplot && chmod +x broken/gnuplot
PATH=$PWD/broken failed 'gnuplot failed: no colours left' describe --rows 9 --out d
printf '#!/bin/sh\nkill -9 $$\n' >broken/gnuplot
PATH=$PWD/broken works 'curves.png: not drawn: ' "${train[@]}" --out killed_gnuplot
expect 'its metrics are there' test -s killed_gnuplot/metrics.json
printf 'no program' >broken/gnuplot
PATH=$PWD/broken failed 'gnuplot failed' describe --rows 9 --out d
if ! sanitized; then
  (ulimit -n 7; works 'best epoch 1' "${train[@]}" --out few_files)
  expect 'its metrics are there' test -s few_files/metrics.json
fi

# ---- No room, and signals: nothing half-written is left (the table's end looks for it).
(ulimit -f 2; refused 'File too large; make room' impute training.csv --out big.csv)
(ulimit -f 64; refused 'File too large; make room' "${train[@]}" --out big)
(ulimit -f 1; refused 'File too large; make room' predict run test.csv --draw --out small)
expect 'no file is there' test ! -e big.csv
[ ! -e /dev/full ] || refused '/dev/full: is not a regular file' impute training.csv --out /dev/full
ends_by() {  # NAME NUMBER BEGUN COMMAND...: what the signal does to a command once something it writes is there
  local name=$1 number=$2 begun=$3 code=0
  shift 3
  env --default-signal "$lineament" "$@" >out 2>err </dev/null &
  local pid=$!
  for i in {1..400}; do compgen -G "$begun" >seen && break; sleep 0.02; done
  kill -s "$name" $pid
  { wait $pid || code=$?; } 2>/dev/null
  expect "SIG$name comes when it has begun" test -s seen
  expect "SIG$name ends it" test $code = $((128 + number))
  expect "SIG$name leaves nothing behind" test -z "$(find . -name '*.tmp' -o -name '.lineament-fetch-*')"
}
mkdir fetching && cat >fetching/curl <<'END'
#!/bin/sh
for word; do file=$last; last=$word; done
mkdir -p "$(dirname "$file")/a/b" && echo half >"$(dirname "$file")/a/b/c" && echo half >"$file"
exec sleep 5
END
chmod +x fetching/curl
{ head -n 1 training.csv; for i in {1..200}; do tail -n 4 training.csv; done; } >many.csv
for signal in INT:2 TERM:15 HUP:1; do
  PATH=$PWD/fetching:$PATH ends_by ${signal%:*} ${signal#*:} '.lineament-fetch-*/weights.h5' weights fetch resnet50 --out fetched.safetensors
  ends_by ${signal%:*} ${signal#*:} 'very_many_pictures.*.tmp/*' convert many.csv --to pts --out very_many
done
expect 'no folder is there' test ! -e very_many

# ---- Names that are no UTF-8: the same bytes come back.
export LC_ALL=C
name=$'caf\xe9'
cp me.png "$name.png" && { head -n 1 many.csv; tail -n 20 many.csv; } >"$name.csv"
works 'udce9.png"' predict run "$name.png" --format json
works "$name.png," predict run "$name.png"
works "$name.png" predict run "$name.png" --draw --out drawn
works '' train --model baseline --data "$name.csv" --dev-rows 5 --epochs 1 --out "$name"
expect 'config.json says the bytes' grep -q 'caf\\udce9.csv' "$name/config.json"
works 'dev faces' evaluate "$name"
works 'udce9.csv' evaluate "$name" --json
works 'udce9' compare "$name" run --json
works 'best epoch' train --resume --out "$name" --epochs 2
works '' train --config "$name/config.json" --out again
expect 'the same bytes in the next config.json' grep -q 'caf\\udce9.csv' again/config.json
works '' impute "$name.csv" --out "$name-2.csv"
cp me.png $'\xc3\xa9.png'
works $'"\xc3\xa9.png"' predict run $'\xc3\xa9.png' --format json
printf 'nose\351_x,nose\351_y,Image\n44,50,%s\n' "$pixels" >names.csv
refused 'is no UTF-8' train --data names.csv --out none
