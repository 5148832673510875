# Run folders: changed by hand, at work twice, resumed with other settings or other data.
small='--model baseline --rows 60 --dev-rows 10'
fresh() { rm -rf "$1"; cp -r run "$1"; }
contest_csv() {  # contest_csv ROWS SHADE: the contest's header and so many complete rows of grey pictures
  python3 - "$1" "$2" <<'P'
import sys
rows, shade = int(sys.argv[1]), int(sys.argv[2])
eyes = [f"{side}_eye_{what}" for side in ("left", "right") for what in ("center", "inner_corner", "outer_corner")]
eyes = ["left_eye_center", "right_eye_center", "left_eye_inner_corner", "left_eye_outer_corner", "right_eye_inner_corner",
        "right_eye_outer_corner", "left_eyebrow_inner_end", "left_eyebrow_outer_end", "right_eyebrow_inner_end",
        "right_eyebrow_outer_end", "nose_tip", "mouth_left_corner", "mouth_right_corner", "mouth_center_top_lip",
        "mouth_center_bottom_lip"]
print(",".join(f"{name}_{axis}" for name in eyes for axis in "xy") + ",Image")
for row in range(rows):
    points = ",".join(str(20 + (7 * row + 3 * c) % 50) for c in range(30))
    print(points + "," + " ".join(str((shade + row + p) % 256) for p in range(96 * 96)))
P
}

# A folder that holds something of a run is no place for another.
refused 'holds a run already (config.json): --resume goes on with it, --overwrite deletes it' train $small --out run
for file in last.safetensors model.safetensors history.csv metrics.json curves.png predictions.png; do
  mkdir -p "has-$file" && echo mine >"has-$file/$file"
  refused "holds a run already ($file)" train $small --out "has-$file"
  expect 'the file is as it was' grep -qx mine "has-$file/$file"
done
fresh again
works '1 of 1' train $small --epochs 1 --out again --overwrite
expect 'one epoch is in its history' test "$(wc -l <again/history.csv)" = 2
fresh again
mkdir -p own && cp run/config.json own
contest_csv 60 3 >own/history.csv
refused 'own/history.csv: --overwrite would delete it' train --model baseline --dev-rows 10 --data own/history.csv --out own --overwrite
refused 'again/model.safetensors: --overwrite would delete it' \
  train $small --weights again/model.safetensors --out again --overwrite
same again/model.safetensors run/model.safetensors
refused 'expected one of them' train $small --out run --resume --overwrite
refused 'says something to --resume alone' train $small --out new --allow-other-data
refused 'keypoint set no such set: expected' train $small --points 'no such set' --out again --overwrite
expect 'settings that are wrong delete nothing' test -f again/model.safetensors
expect 'and make no folder' test ! -e new

# What is missing is not begun anew in silence, and what contradicts itself is not gone on with.
fresh lost && rm lost/last.safetensors
refused 'last.safetensors is missing, but there is history.csv of 2 epochs, model.safetensors of epoch' train --resume --out lost
same lost/history.csv run/history.csv
same lost/model.safetensors run/model.safetensors
fresh lost && rm lost/model.safetensors
refused 'model.safetensors, the best weights so far' train --resume --epochs 3 --out lost
fresh lost && rm lost/history.csv
refused 'last.safetensors is of epoch 2, history.csv of 0 epochs' train --resume --epochs 3 --out lost
fresh lost && sed -i '$d' lost/history.csv
refused 'last.safetensors is of epoch 2, history.csv of 1 epochs' train --resume --epochs 3 --out lost
fresh lost && for epoch in 3 4 5 6 7; do tail -n 1 run/history.csv | sed "s/^2,/$epoch,/" >>lost/history.csv; done
refused 'last.safetensors is of epoch 2, history.csv of 7 epochs' train --resume --epochs 3 --out lost
fresh lost && sed -i 's/^2,/3,/' lost/history.csv
refused 'history.csv:3: epoch 3, expected 2' train --resume --epochs 3 --out lost
fresh lost && echo 'three,,' >>lost/history.csv
refused 'history.csv:4: expected epoch,loss' train --resume --epochs 3 --out lost
fresh lost && echo 'year,rain' >lost/history.csv
refused 'history.csv:1: expected epoch,loss' train --resume --epochs 3 --out lost
fresh lost && sed -i 's/"epochs": 2/"epochs": 20/' lost/metrics.json
refused 'last.safetensors is of epoch 2, metrics.json of 20 epochs' train --resume --epochs 3 --out lost
for file in last.safetensors model.safetensors; do
  fresh cut && head -c 3000 "run/$file" >"cut/$file"
  refused "$file" train --resume --epochs 3 --out cut
  fresh cut && : >"cut/$file"
  refused "$file" train --resume --epochs 3 --out cut
done
fresh cut && echo '{' >cut/config.json
refused 'config.json' train --resume --out cut
fresh cut && rm cut/config.json
refused 'no run' train --resume --out cut
refused 'no run' train --resume --out nowhere
expect 'no folder is made' test ! -e nowhere

# Settings of a resumed run.
fresh set
refused '--batch: not what the run in set was started with' train --resume --out set --batch 7
refused '--recipe baseline: has ' train --resume --out set --recipe baseline
sed 's/"batch": 64/"batch": 8/' run/config.json >other.json
refused '--config other.json: has batch = "8", the run in set was started with "64"' train --resume --out set --config other.json
refused '--kernel dense.cpu.nonsense: no step of baseline can run it' train --resume --out set --epochs 3 --kernel dense.cpu.nonsense
refused 'device cuda' train --resume --out set --epochs 3 --device cuda
refused '--precision bf16' train --resume --out set --epochs 3 --precision bf16
same set/config.json run/config.json
works '2 of 3' train --resume --out set --epochs 3 --config run/config.json
works 'of 4: dev MSE' train --resume --out set --epochs 4
refused 'expected one of them' train --config run/config.json --recipe baseline --out both

# A run that goes on is not what its metrics say of its first end.
fresh longer && sed -i 's/"epochs": 2/"epochs": 3000/' longer/config.json
refused 'is not done: 2 of 3000 epochs' compare longer run
refused 'is not done: 2 of 3000 epochs' report longer --out longer.html
fresh longer && tail -n 1 run/history.csv | sed 's/^2,/3,/' >>longer/history.csv
refused 'is not done: 3 of 2 epochs, and metrics.json is of epoch 2' compare longer run

# One training in a folder.
mkdir locked
exec 9>locked/.lock && flock 9 && echo 4711 >&9
refused 'locked: process 4711' train $small --out locked
cp -r run/* locked
refused 'locked: process 4711' train --resume --epochs 3 --out locked
rm locked/*
flock -u 9
exec 9>&-
works 'epoch' train $small --epochs 1 --out locked
expect 'the lock is gone' test ! -e locked/.lock
for number in 1 2 3; do ("$lineament" train $small --epochs 40 --out shared >"shared$number" 2>&1; echo $? >"shared$number.code") & done
wait
expect 'of three at once, one trains' test "$(sort shared?.code | tr '\n' ' ')" = '0 2 2 '
works 'the same settings' compare shared shared

# Other data than the run began with.
mkdir data && contest_csv 60 1 >data/training.csv
works 'epoch' train --model baseline --dev-rows 10 --epochs 1 --data data --out watched
contest_csv 61 1 >data/training.csv
refused 'the run in watched had 50 faces to train on and 10 to measure on' train --resume --epochs 2 --out watched
works 'is not what watched was trained on' evaluate watched
contest_csv 60 2 >data/training.csv
refused 'put the old data back, or go on with these by --allow-other-data' train --resume --epochs 2 --out watched
sed '5s/^20/21/;5s/^2[0-9]*/33/' data/training.csv >t && contest_csv 60 1 >data/training.csv
works 'epoch' train --resume --epochs 2 --out watched
mv t data/training.csv
refused '--allow-other-data' train --resume --epochs 3 --out watched
works 'epoch' train --resume --epochs 3 --out watched --allow-other-data
expect 'its checkpoint says since when' grep -aq 'from_epoch\\":3' watched/last.safetensors

# What a run was trained on is not called its dev set.
works '10 dev faces of the drawn data set' evaluate run
works '20 of which run was trained on' evaluate run --dev-rows 30
works '"trained_on": 20' evaluate run --dev-rows 30 --json
works '"trained_on": 0' evaluate run --json
"$lineament" train --model baseline --rows 60 --dev-share 0.2 --epochs 1 --out thrifty >/dev/null 2>&1
works 'of which thrifty was trained on' evaluate run thrifty

# A loss that breaks says what works.
failed 'begin anew with a smaller --rate, by --overwrite or in another --out' train --model dense2 --rows 60 --dev-rows 10 --optimizer sgd --rate 1e30 --epochs 2 --out broke
works 'epoch' train --model dense2 --rows 60 --dev-rows 10 --optimizer sgd --rate 1e-4 --epochs 1 --out broke --overwrite

# What a recipe says for a choice that an option changes does no harm; an option that nothing reads is refused.
printf '# Mine.\nmodel = "baseline"\nrows = 60\ndev_rows = 10\nepochs = 1\n[augment]\nkind = "fresh"\nrotation = 5\n' >mine.toml
printf '[optimizer]\nname = "adamw"\nweight_decay = 0.01\n' >>mine.toml
works 'best epoch' train --recipe mine.toml --augment none --optimizer sgd --rate 1e-4 --out mine
refused '--momentum: nothing would read it' train --recipe mine.toml --momentum 0.5 --out mine2
refused '--weight-decay: nothing would read it' train --recipe mine.toml --optimizer sgd --weight-decay 0.1 --out mine2

# A study goes on after a recipe that cannot.
cp mine.toml UPPER.TOML
works 'UPPER: begins' study --recipes UPPER.TOML --out upper
for name in good bad worse; do printf '# One.\nmodel = "baseline"\nrows = 60\ndev_rows = 10\nepochs = 1\n' >"$name.toml"; done
echo 'batch = -5' >>bad.toml
failed '1 of 3 recipes are not done: bad' study --recipes bad.toml,good.toml,worse.toml --out study
head -c 2000 study/worse/last.safetensors >t && mv t study/worse/last.safetensors
failed '2 of 3 recipes are not done: bad, worse' study --recipes bad.toml,worse.toml,good.toml --out study
expect 'the page is of the good one' grep -q good study/report.html
refused 'bad: --batch -5' study --recipes bad.toml --out study2

# What a run reached, changed by hand.
deep=$(printf '[%.0s' {1..100000})
for text in '' '{' '[]' 'null' '{"dev_mse": "two"}' '{"dev_mse": 1e999}' "$deep"; do
  fresh odd && printf '%s' "$text" >odd/metrics.json
  refused 'odd/metrics.json: ' compare odd run
  refused 'odd/metrics.json: ' report odd --out odd.html
done
