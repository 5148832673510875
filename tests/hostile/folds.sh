# Trainings in folds, stacks of them, and what audits them: settings, folders changed by hand, stopped, at work twice.
small='--model baseline --rows 60 --dev-rows 10 --epochs 1'
fresh() { rm -rf "$1"; cp -r "${2:-folds}" "$1"; }
works 'out of fold, 50 faces' train $small --folds 2 --out folds
works 'out of fold, 50 faces' train $small --seed 2 --folds 3 --out others
expect 'each fold is a run' test -f folds/fold1/model.safetensors -a -f folds/fold2/metrics.json -a ! -e folds/fold3
expect 'each row is answered once' test "$(tail -n +2 folds/out_of_fold.csv | cut -d, -f1 | sort -un | wc -l)" = 50

refused '--folds 1: expected 0, or 2 or more' train $small --folds 1 --out new
refused '--folds 101: expected 0 to 100' train $small --folds 101 --out new
refused 'fold.part 3: expected 0 to 2' train $small --folds 2 --set fold.part=3 --out new
refused 'fold.part 1: expected 0 to 0' train $small --set fold.part=1 --out new
refused '50 rows to train on, expected at least as many as folds, 60' train $small --folds 60 --out new
refused 'nowhere.safetensors' train $small --folds 2 --weights nowhere.safetensors --out new
expect 'what cannot be trained leaves nothing behind' test ! -e new
works 'fold 2 of 2: does without' train $small --folds 2 --set fold.part=2 --out alone  # one of them, on a machine of its own
same alone/model.safetensors folds/fold2/model.safetensors

# What is there, and what may become of it.
refused 'folds: holds a run already (config.json)' train $small --folds 2 --out folds
refused 'folds: holds a run already (config.json)' train $small --out folds
refused '--folds: not what the run in folds was started with' train --resume --folds 3 --out folds
refused '--allow-other-data: not with --folds' train --resume --allow-other-data --out folds
works 'out of fold, 50 faces' train --resume --out folds
fresh again
works 'out of fold, 48 faces' train --model baseline --rows 58 --dev-rows 10 --epochs 1 --folds 2 --out again --overwrite
mkdir -p half && cp -r folds/fold2 half
refused 'half/fold2: holds a run already (config.json)' train $small --folds 2 --out half
fresh lost && rm lost/fold2/last.safetensors
refused 'fold2: last.safetensors is missing' train --resume --epochs 2 --out lost
same lost/fold1/last.safetensors folds/fold1/last.safetensors
fresh lost && rm -r lost/fold2 lost/out_of_fold.csv
refused 'lost: its folds are not done: lineament train --resume --out lost' evaluate lost
works 'out of fold' train --resume --out lost
same lost/out_of_fold.csv folds/out_of_fold.csv
fresh changed && sed -i 's/"seed": 1/"seed": 3/' changed/fold2/config.json
refused 'changed/fold2: was started with seed = "3"' train --resume --out changed
fresh changed && sed -i 's/"of": 2/"of": 3/' changed/config.json
refused 'changed/fold1: was started with fold.of = "2"' train --resume --out changed
refused 'changed/fold3: no such run' evaluate changed
mkdir locked && exec 9>locked/.lock && flock 9 && echo 4711 >&9
refused 'locked: process 4711' train $small --folds 2 --out locked
exec 9>&-
printf '# One.\nmodel = "baseline"\nrows = 60\ndev_rows = 10\nepochs = 1\n[fold]\nof = 2\n' >five.toml
works 'out of fold' train --recipe five.toml --out five
refused 'five: fold.of 2: a study trains each recipe once' study --recipes five.toml --out study

# Where one run is asked for.
works '(2 x baseline, ' evaluate folds
refused 'folds: is a training in folds: name its runs, folds/fold1' report folds --out page.html
refused 'folds: is a training in folds: name its runs, folds/fold1' compare folds run
works 'the same settings' compare folds/fold1 folds/fold1

# Stacks.
works 'the stack, each part fitted without it' stack both folds others
works '(2 x baseline + 3 x baseline, ' evaluate both
for value in 0 -1 nan 5x; do refused "--ridge $value: expected" stack new folds --ridge $value; done
refused 'run: is no training in folds' stack new run
refused 'nowhere: no run here' stack new nowhere
refused 'folds/: said twice, as folds too' stack new folds folds/
refused 'folds: holds a run already' stack folds others
refused 'run: holds a run already' stack run folds
refused 'again: has not the rows of folds' stack new folds again
expect 'nothing is made' test ! -e new
: >file
refused 'file' stack file folds
fresh rows && sed -i '$d' rows/out_of_fold.csv
refused 'rows/out_of_fold.csv: is not of the rows that train in' stack new rows
fresh rows && sed -i '2s/^[0-9]*,/x,/' rows/out_of_fold.csv
refused 'rows/out_of_fold.csv:2: column row is "x"' stack new rows
for text in '' '{' '[]' '{"version": 2}' '{"version": 1}' 'null'; do
  rm -rf odd && cp -r both odd && printf '%s' "$text" >odd/stack.json
  refused 'odd/stack.json: ' evaluate odd
done
rm -rf odd && cp -r both odd && sed -i '0,/^ *0\.[0-9]*,$/s//7,/' odd/stack.json
refused 'odd/stack.json: the weights of' evaluate odd
rm -rf odd && cp -r both odd && sed -i 's/"..\/folds"/"..\/nowhere"/' odd/stack.json
refused 'nowhere: no such run' evaluate odd

# Data that is no longer what it was.
python3 -c '
print("eye_x,eye_y,Image")
for row in range(40): print(f"{20 + row % 7},{30 + row % 5}," + " ".join(str((row + p) % 256) for p in range(32 * 32)))' >own.csv
own='--data own.csv --model baseline --epochs 1 --folds 2'
works 'out of fold, 32 faces' train $own --dev-rows 8 --out own
sed -i '20s/^2/3/' own.csv
refused 'own.csv: these are not the faces that own/fold' stack new own
refused 'last.safetensors was trained with: put the old data back' train --resume --out own --epochs 2
refused 'own.csv: these are not the faces that' audit own.csv --run own

# Audits.
sed -i '20s/^3/2/' own.csv
works '40 of 40 rows have a label' audit own.csv --run own --out look
expect 'all rows are in it' test "$(wc -l <look/audit.csv)" = 41
works '40 of 40 rows have a label' audit own.csv --folds 2 --set model=baseline --set epochs=1 --set schedule.warmup_epochs=0 --out look2
works '40 of 40 rows have a label' audit own.csv --folds 2 --set model=baseline --set epochs=1 --set schedule.warmup_epochs=0 --out look2  # is done: not again
refused 'look2/folds/fold1: was started with batch = "16"' audit own.csv --folds 2 --set model=baseline --set epochs=1 --set schedule.warmup_epochs=0 --set batch=5 --out look2
refused 'absent.csv' audit absent.csv --out new
refused '--run excludes --recipe' audit own.csv --run own --recipe quick
refused '--set data: the data to audit is said once' audit own.csv --set data=other.csv --out new
refused '--first 0: expected 1 to 1000' audit own.csv --run own --first 0
refused '--folds 1: expected 2 to 100' audit own.csv --folds 1
refused 'run: is no training in folds' audit own.csv --run run
mkdir over && cp own.csv over/audit.csv
refused 'over/audit.csv: is an input' audit over/audit.csv --run own --out over
same over/audit.csv own.csv
expect 'nothing is made' test ! -e new
