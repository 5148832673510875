# Files that must not be lost, places that cannot be read or written, and programs that are not there.
base64 -d >me.png <<<'iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAAXElEQVR4XmNkYGDgQKAoJPYyqoizgIxnoCEYFhZEIQXQMiQ2dcRH44Bg+gMGEfXDnYEBEX+jcUBMHIzmA/yhRI9UNJoPBj4ORvPBaD6gsM002i4i2I4arZMJpjEAR3khyFv9Hl4AAAAASUVORK5CYII='
pixels=$(yes 100 | head -n 9216 | tr '\n' ' ' | sed 's/ $//')
printf 'ImageId,Image\n1,%s\n' "$pixels" >test.csv
printf 'RowId,ImageId,FeatureName,Location\n1,1,nose_tip_x,\n' >IdLookupTable.csv
{ printf 'nose_tip_x,nose_tip_y,Image\n'; for row in 1 2 3 4; do printf '4%s,5%s,%s\n' $row $row "$pixels"; done; } >training.csv
printf 'photograph,eye_x,eye_y\nme.png,10,12\n' >photos.csv
long=$(printf 'n%.0s' {1..300})

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
unharmed w.safetensors run/model.safetensors
refused 'is there already, in what is read' convert photos.csv --to csv --out photos.csv
cp me.png me.csv && printf 'photograph,eye_x,eye_y\nme.csv,10,12\n' >photos2.csv
refused 'will not be replaced' convert photos2.csv --to csv --out me.csv
unharmed photos.csv; unharmed me.csv me.png
cp me.png faces.png && printf 'photograph,eye_x,eye_y\nfaces.png,10,12\n' >photos3.csv
refused 'faces.png: is read by this command' describe photos3.csv --out .
unharmed faces.png me.png
cp me.png study.png && printf 'photograph,eye_x,eye_y,nose_x,nose_y\nstudy.png,14,15,16,17\n' >photos4.csv
refused 'study.png: is read by this command' augment --data photos4.csv --out .
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

# ---- Another user: no right to read, none to write.
nobody=(setpriv --reuid=65534 --regid=65534 --clear-groups)
mkdir locked && cp me.png test.csv locked/ && chmod 700 locked && cp me.png unreadable.png && chmod 000 unreadable.png
mkdir -m 777 free && : >free/fixed.csv && chmod 444 free/fixed.csv && cp -r run free/run && chmod -R a+rX free
chmod 711 .. && chmod 755 .
printf '#!/bin/sh\nexec %s "%s" "$@"\n' "${nobody[*]}" "$lineament" >as_nobody && chmod 755 as_nobody
if [ "$(id -u)" = 0 ] && ./as_nobody --version >/dev/null 2>&1; then
  real=$lineament lineament=$PWD/as_nobody
  refused 'unreadable.png: cannot be read: Permission denied' predict run unreadable.png
  refused 'locked/me.png: cannot be read: Permission denied' predict run locked/me.png
  refused 'locked/test.csv: cannot be read: Permission denied' submit run --data locked/test.csv --out free/s.csv
  refused 'Permission denied' submit run --data locked --out free/s.csv
  refused 'Permission denied' train --data locked --out free/new
  refused 'Permission denied' train --config locked/config.json
  refused 'Permission denied' train --recipe locked/recipe.toml
  refused 'Permission denied' train --resume --out locked/run
  refused 'Permission denied' train --rows 20 --dev-rows 5 --out locked/run
  refused 'Permission denied' train --weights locked/w.safetensors --model efficientnet_lite0 --rows 20 --dev-rows 5 --out free/new
  refused 'Permission denied' evaluate locked/run
  refused 'Permission denied' report locked/run --out free/r.html
  refused 'Permission denied' compare free/run locked/run
  refused 'Permission denied' impute training.csv --out locked/out.csv
  refused 'free/fixed.csv: cannot write: Permission denied' impute training.csv --out free/fixed.csv
  refused 'Permission denied' convert photos.csv --to pts --out locked/labels
  refused 'Permission denied' convert locked --to csv --out free/x.csv
  refused 'Permission denied' describe locked/test.csv --out free
  refused 'Permission denied' predict run me.png --out locked/out
  refused 'Permission denied' weights inspect locked/w.h5
  lineament=$real
else
  echo "skipped: the rows of another user, which need root and setpriv"
fi

# ---- Loops of links and names that are too long, for every command.
refused 'loop: cannot be read: Too many levels of symbolic links' predict run loop
refused 'Too many levels' predict loop me.png
refused 'Too many levels' evaluate run --data loop
refused 'Too many levels' submit run --data loop --out s.csv
refused 'Too many levels' submit run --data test.csv --lookup loop --out s.csv
refused 'Too many levels' impute loop --out o.csv
refused 'Too many levels' convert loop --to csv --out o.csv
refused 'Too many levels' convert photos.csv --to pts --out loop
refused 'Too many levels' describe loop
refused 'Too many levels' describe training.csv --out loop
refused 'Too many levels' train --data loop --out none
refused 'Too many levels' train --dev loop --rows 20 --out none
refused 'Too many levels' train --config loop
refused 'Too many levels' train --weights loop --model efficientnet_lite0 --rows 20 --dev-rows 5 --out none
refused 'Too many levels' train --resume --out loop
refused 'Too many levels' train --rows 20 --dev-rows 5 --out loop
refused 'Too many levels' report loop
refused 'Too many levels' compare run loop
refused 'Too many levels' weights inspect loop
refused 'File name too long' predict run "$long"
refused 'File name too long' predict "$long" me.png
refused 'File name too long' train --data "$long" --out none
refused 'File name too long' train --recipe "$long.toml"
refused 'File name too long' train --points "$long.toml" --out none
refused 'File name too long' train --config "$long"
refused 'File name too long' train --resume --out "$long"
refused 'File name too long' train --rows 20 --dev-rows 5 --out "$long"
refused 'File name too long' report "$long"
refused 'File name too long' impute training.csv --out "$long"
refused 'File name too long' predict run me.png --out "$long"
refused 'File name too long' weights convert w.safetensors "$long"
mkdir pts && cp me.png pts/me.png && ln -s me.pts pts/me.pts
refused 'pts/me.pts: cannot be read: Too many levels' convert pts --to csv --out o.csv

# ---- Folders, FIFOs and devices where a file is expected; pipes that are open already are read.
mkdir folder folder.toml folder.csv && mkfifo fifo fifo.csv fifo.toml fifo.json fifo.xml
refused 'folder: a folder, expected a config.json' train --config folder
refused 'folder.toml: a folder, expected a recipe' train --recipe folder.toml
refused 'folder: a folder, expected a recipe' train --recipe folder
refused 'folder.toml: a folder, expected' train --points folder.toml --out none
refused 'folder: a folder, expected a keypoint set' train --points folder --out none
refused 'folder: is a folder, expected a file of weights' train --weights folder --model efficientnet_lite0 --rows 20 --dev-rows 5 --out none
refused 'folder.csv' impute folder.csv --out o.csv
refused 'folder: is a folder, expected the name of a file to write' impute training.csv --out folder
for name in fifo /dev/zero; do
  refused "$name: no regular file" train --config $name
  refused "$name: " train --data $name --out none
  refused "$name: is not a regular file" weights inspect $name
  refused "$name: neither a file nor a folder" impute $name --out o.csv
  refused "$name: is not a regular file and will not be replaced" impute training.csv --out $name
done
refused 'fifo.toml: no regular file' train --recipe fifo.toml
refused 'fifo.toml: no regular file' predict run me.png --points fifo.toml
refused 'fifo.json: no regular file' convert fifo.json --to csv --out o.csv
refused 'fifo.xml: no regular file' convert fifo.xml --to csv --out o.csv
refused 'fifo.csv: ' predict run fifo.csv
refused 'is no JSON' train --config /dev/stdin  # which holds nothing
works '4 rows' impute <(cat training.csv) --out piped.csv
works 'nose_tip_x' predict run me.png --points <(printf 'points = ["nose_tip"]\n')
refused '/dev/fd/' train --recipe <(printf 'epochs = "two"\n')
refused '"epochs" is' train --config <(printf '{"epochs": "two"}')
works '1 rows for 1 faces' submit run --data <(cat test.csv) --lookup <(cat IdLookupTable.csv) --out s.csv

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
(ulimit -n 7; works 'best epoch 1' "${train[@]}" --out few_files)
expect 'its metrics are there' test -s few_files/metrics.json

# ---- No room, and signals: nothing half-written is left (the table's end looks for it).
(ulimit -f 2; refused 'File too large; make room' impute training.csv --out big.csv)
(ulimit -f 64; refused 'File too large; make room' "${train[@]}" --out big)
(ulimit -f 1; refused 'make room' predict run me.png --draw --out small)
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
