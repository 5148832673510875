# Options whose values are no numbers, out of range, empty, said twice, or of no use where they are said.
numbers() {  # the options of a command's help that take a number: N is whole, X is not
  "$lineament" $1 --help | grep -oE "^  --[a-z-]+ ($2)( |\$)" | grep -oE -- '--[a-z-]+' | grep -v -e --box
}
bad=('5x' ' 5' '5 ' '+5' '0x10' '010' 'nan' 'inf' '1e999' '-1' 'five' '5,6' '٥')
turn=0  # each option meets four of them, each of them some option
for command in train study 'evaluate run' 'predict run face.png' 'submit run --data x' describe 'plan dense2' \
  'bench step dense2' 'bench kernels' 'bench machine' 'report run' 'classify x --weights x' 'stack x run' 'audit x'; do
  for option in $(numbers "${command%% run*}" 'N|X'); do
    values=("${bad[@]}")
    [ "$command" = train ] || [ "$option" != --threads ] || values=('5x' '-1' '100000')
    for value in "${values[@]}"; do
      [ ${#values[@]} -lt 5 ] || [ $((turn++ % 3)) = 0 ] || continue
      refused "$option $value: expected" $command "$option" "$value"
    done
  done
done
for option in $(numbers train N); do
  for value in 1e3 5.0 99999999999999999999; do
    refused "$option $value: expected" train "$option" "$value"
  done
done

# Bounds are said.
refused '--seed -1: expected 0 to 9223372036854775807' train --seed -1
refused '--seed 99999999999999999999: expected 0 to 9223372036854775807' train --seed 99999999999999999999
refused '--batch 0: expected 1 to 65536' train --batch 0
refused '--batch 1000000: expected 1 to 65536' train --batch 1000000
refused '--batch 0: expected 1 to 65536' plan dense2 --batch 0
refused '--batch 1000000: expected 1 to 65536' bench step dense2 --batch 1000000
refused '--batch 1000000: expected 1 to 65536' bench kernels --batch 1000000
refused '--steps 0: expected 1 to 10000' bench step dense2 --steps 0
refused '--runs 1000000000: expected 1 to 10000' bench kernels --runs 1000000000
refused '--epochs 2147483647: expected 1 to 1000000' train --epochs 2147483647
refused '--size -1: expected 32 to 512' plan dense2 --size -1
refused '--size 31: expected 32 to 512' plan dense2 --size 31
refused '--size 100000: expected 32 to 512' plan resnet50 --size 100000
refused '--dev-rows -1: expected 0 or more' evaluate run --dev-rows=-1
refused '--rows 0: expected 1 to 100000' describe --rows 0
refused '--rate 0: expected a number above 0' train --rate 0
refused '--dropout 1: expected 0 or more, below 1' train --dropout 1
refused '--plateau-factor 1: expected a number between 0 and 1' train --plateau-factor 1
for size in 0 -1 31 513 5x 0x40 '64 ' ' 64' 64x 64x64x64 x64 99999999999 +64; do refused 'expected' train --size "$size"; done
for box in '1 2 3x' '-1 2 3' '1 2 +3' '1 2' '0x1 2 3' '1 2 99999999999'; do
  refused '--box' predict run face.png --box $box
done
for list in 0 -1 5x 4097 '5,,6' '5,' ',5' '5;6' 1,2,3,4,5 ' 5'; do
  refused "--dense $list: expected at most 4 layers" train --model resnet50 --dense "$list"
done

# Threads: as many as are of any use.
for command in train 'evaluate run' 'predict run x' 'submit run --data x' 'report run' 'classify x --weights x' 'audit x' \
  'bench machine' 'bench kernels' 'bench step dense2'; do
  refused '--threads 33000: expected 0 to ' $command --threads 33000
done
works 'best epoch' train --model baseline --rows 40 --dev-rows 5 --epochs 1 --threads 64 --out many

# Nothing is not a value.
for option in data points dev dev-names weights kernel out config recipe rows rate; do
  refused "--$option \"\": is empty" train --$option ''
  refused "--$option=: expected a value" train --$option= x
done
refused '--title=: expected a value' report run --title= h2
refused '--data "": is empty' study --data ''
refused '--out "": is empty' predict run x --out ''
refused '"": is empty' evaluate ''
refused '"": is empty' weights inspect ''
refused '"": is empty' ''
refused 'is empty' plan ''
refused '--batch: expected a value behind it' train --batch
refused '--set: ' train --set

# Once is enough.
for option in data rows size model seed batch rate out threads config recipe device; do
  refused "--$option: said more than once" train --$option 3 --$option 3
done
refused '--batch: another option says otherwise' train --batch 5 --set batch=6
refused '--set batch=5: another option says otherwise' train --set batch=5 --set batch=6
refused '--epochs: another option says otherwise' train --epochs 3 --set epochs=4
refused '--set rows=30: another --set says otherwise' augment --set rows=30 --set rows=40
refused 'another --set says otherwise' study --device cpu --set device=cuda
works 'best epoch' train --model baseline --rows 40 --dev-rows 5 --epochs 1 --set epochs=1 --set batch=64 --batch 64 --out twice

# What nothing would read.
for command in 'plan dense2' 'bench step dense2' 'train --model dense2'; do
  refused 'settings of backbones such as resnet50, dense2 is none' $command --dense 96
done
refused 'settings of backbones' train --model cnn --front-kernel 2
refused 'settings of backbones' train --model cnn --front-channels 8
refused '--dropout: nothing would read it: baseline drops nothing' train --model baseline --dropout 0.5
refused '--momentum: nothing would read it: it is of sgd and rmsprop' train --momentum 0.9
refused '--weight-decay: nothing would read it: it is of adamw' train --model cnn --weight-decay 0.1
refused 'nesterov: nothing would read it' train --optimizer rmsprop --momentum 0.5 --set optimizer.nesterov=true
refused 'rho: nothing would read it' train --optimizer sgd --set optimizer.rho=0.5
refused 'beta1: nothing would read it' train --optimizer sgd --set optimizer.beta1=0.5
refused 'beta2: nothing would read it' train --optimizer rmsprop --set optimizer.beta2=0.5
refused '--final-share: nothing would read it' train --schedule constant --final-share 0.1
refused 'without --plateau-patience nothing lowers the rate' train --model cnn --plateau-factor 0.5
refused 'without --plateau-patience nothing lowers the rate' train --plateau-on loss
refused 'without --stop-patience nothing stops it' train --stop-on dev
refused '--allow-partial: nothing would read it' train --model cnn --allow-partial
refused 'they are of --augment fresh' train --model cnn --set augment.rotation=20
refused 'they are of --augment fresh' train --augment study --set augment.flip=0
refused 'no faces are cut out of photographs' train --margin 0.1
refused 'no faces are cut out of photographs' train --crop points
refused '--dev-names x: needs --dev-every or --dev-share' train --dev-names x
refused 'expected one of them' train --dev-rows 5 --dev-every 5
refused '--set batch=5: nothing would read it here' augment --set batch=5
refused '--dev-rows: --split all has no dev set' evaluate run --split all --dev-rows 5
refused '--method mask: leaves gaps as they are' impute x --method mask --out y
refused '--no-top requires --model' weights convert run/model.safetensors out.safetensors --no-top
refused 'run/model.safetensors: does not hold' weights convert run/model.safetensors out.safetensors --model resnet50
refused '--model resnet5: no backbone' weights convert run/model.safetensors out.safetensors --model resnet5
refused '--as-peers excludes --dense' bench step resnet50 --dense 5 --as-peers
refused '--set requires data' describe --set rows=5
printf 'left_eye_center_x,left_eye_center_y,Image\n1,2,0 0\n' >table.csv
refused '--box: is of pictures, table.csv is a table' predict run table.csv --box 1 2 3

# Memory: asked for before it is had, and no more than rows need.
refused 'would fit' train --rows 2147483647
refused 'would fit' train --rows 2000000000 --dev-rows 5
if ! sanitized; then
  (ulimit -v 1000000; refused '(ulimit -v): at most' train --rows 100000 --threads 1)
  (ulimit -v 1000000; refused '(ulimit -v): at most' describe --rows 90000)
  (ulimit -v 2500000; refused '; one of ' bench step cnn --batch 65536 --threads 1)
  (ulimit -v 1500000; refused '; one of ' train --model cnn --rows 700 --batch 65536 --epochs 1 --threads 1 --out large)
  expect 'what does not fit leaves no folder behind' test ! -e large
  (ulimit -v 2500000; refused 'would fit' bench kernels --models cnn --batch 65536 --threads 1)
  (ulimit -v 1500000; works 'best epoch' train --model cnn --rows 60 --dev-rows 10 --epochs 1 --batch 65536 --threads 1 --out wide)
fi
works 'as planned' plan efficientnet_b7 --batch 65536 --size 512
works 'best epoch' train --model baseline --rows 60 --dev-rows 10 --epochs 2 --batch 50 --out fifty
works 'best epoch' train --model baseline --rows 60 --dev-rows 10 --epochs 2 --batch 65536 --out all
learned() { cut -d, -f1-7 "$1/history.csv"; }  # all but the seconds
expect 'a batch of more than all rows is one of all rows' test "$(learned fifty)" = "$(learned all)"
