# Places that cannot be read or written: no right to, loops of links, names too long, folders, FIFOs and devices.
base64 -d >me.png <<<'iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAAXElEQVR4XmNkYGDgQKAoJPYyqoizgIxnoCEYFhZEIQXQMiQ2dcRH44Bg+gMGEfXDnYEBEX+jcUBMHIzmA/yhRI9UNJoPBj4ORvPBaD6gsM002i4i2I4arZMJpjEAR3khyFv9Hl4AAAAASUVORK5CYII='
pixels=$(yes 100 | head -n 9216 | tr '\n' ' ' | sed 's/ $//')
printf 'ImageId,Image\n1,%s\n' "$pixels" >test.csv
printf 'RowId,ImageId,FeatureName,Location\n1,1,nose_tip_x,\n' >IdLookupTable.csv
{ printf 'nose_tip_x,nose_tip_y,Image\n'; for row in 1 2 3 4; do printf '4%s,5%s,%s\n' $row $row "$pixels"; done; } >training.csv
printf 'photograph,eye_x,eye_y,nose_x,nose_y\nme.png,10,12,16,20\n' >photos.csv
long=$(printf 'n%.0s' {1..300})

ln -s loop loop
cp run/model.safetensors w.safetensors

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
refused 'is empty, expected JSON' train --config /dev/stdin  # which holds nothing
works '4 rows' impute <(cat training.csv) --out piped.csv
works 'nose_tip_x' predict run me.png --points <(printf 'points = ["nose_tip"]\n')
refused '/dev/fd/' train --recipe <(printf 'epochs = "two"\n')
refused '"epochs" is' train --config <(printf '{"epochs": "two"}')
works '1 rows for 1 faces' submit run --data <(cat test.csv) --lookup <(cat IdLookupTable.csv) --out s.csv

