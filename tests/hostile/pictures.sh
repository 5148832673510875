# Pictures that are cut short, damaged, followed by other bytes, or none at all; archives that cannot be unpacked.
base64 -d >me.jpg <<<'/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAAgACADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAABAb/xAAZEAABBQAAAAAAAAAAAAAAAAARAAMEEkH/xAAYAQADAQEAAAAAAAAAAAAAAAAEBQYBA//EABwRAAEFAQEBAAAAAAAAAAAAABEAAwRhodECEv/dAAQAAv/aAAwDAQACEQMRAD8Ag2o1MJS2o1MJTGo1MJTGo1MJXP2+KGdOLYslDajUwlMajUwlLajUwlMajUwlBOP/ADQzpxUkWSv/0AtRqYSmNRqYSltRqYSmNRqYSkTj4oZ04kMWShtRqYSmNRqYSmNRqYSltRqYSg/b4oZ04qWLJX//2Q=='
base64 -d >progressive.jpg <<<'/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wgARCAAgACADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAwX/xAAYAQACAwAAAAAAAAAAAAAAAAADBQACBv/aAAwDAQACEAMQAAABgqzVgszAZCysHPCzMFl//8QAFhAAAwAAAAAAAAAAAAAAAAAAAAEC/9oACAEBAAEFAlIpFIpFIpFIpFIpFIpFIpFIpP/EABURAQEAAAAAAAAAAAAAAAAAAAMA/9oACAEDAQE/ASSJIkiS/8QAFxEBAQEBAAAAAAAAAAAAAAAAAgABEf/aAAgBAgEBPwHXJ8k7Xf/EABQQAQAAAAAAAAAAAAAAAAAAAED/2gAIAQEABj8CB//EABUQAQEAAAAAAAAAAAAAAAAAAAAR/9oACAEBAAE/IYIIIIIIIIIIIIIIIP/aAAwDAQACAAMAAAAQdzO7/8QAFBEBAAAAAAAAAAAAAAAAAAAAIP/aAAgBAwEBPxAKv//EABkRAAIDAQAAAAAAAAAAAAAAABGhAGHRcf/aAAgBAgEBPxAdBaVOILSoGgtKg6C0qf/EABYQAQEBAAAAAAAAAAAAAAAAABEAUf/aAAgBAQABPxDOtnWzrZ1s62dbOtnWzrZ1s62dbOtnWzrZ1v/Z'
base64 -d >me.png <<<'iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAAXElEQVR4XmNkYGDgQKAoJPYyqoizgIxnoCEYFhZEIQXQMiQ2dcRH44Bg+gMGEfXDnYEBEX+jcUBMHIzmA/yhRI9UNJoPBj4ORvPBaD6gsM002i4i2I4arZMJpjEAR3khyFv9Hl4AAAAASUVORK5CYII='
base64 -d >lzma.zip <<<'UEsDBD8AAgAOAOK4e117B5cKHAAAAAgAAAAMAAAAdHJhaW5pbmcuY3N2CQQFAF0AAIAAADCLCECmdNKtCKa29f//sbwAAFBLAQI/Az8AAgAOAOK4e117B5cKHAAAAAgAAAAMAAAAAAAAAAAAAACAAQAAAAB0cmFpbmluZy5jc3ZQSwUGAAAAAAEAAQA6AAAARgAAAAAA'
base64 -d >encrypted.zip <<<'UEsDBAoACQAAAOK4e117B5cKFAAAAAgAAAAMABwAdHJhaW5pbmcuY3N2VVQJAAMYDQprGA0Ka3V4CwABBAAAAAAEAAAAAGZT56Xfl8XH3Lv/kq0kGrZvNbSOUEsHCHsHlwoUAAAACAAAAFBLAQIeAwoACQAAAOK4e117B5cKFAAAAAgAAAAMABgAAAAAAAEAAACkgQAAAAB0cmFpbmluZy5jc3ZVVAUAAxgNCmt1eAsAAQQAAAAABAAAAABQSwUGAAAAAAEAAQBSAAAAagAAAAAA'
bytes() { printf "$1"; }  # such as '\377\330'
cut_short() {  # FILE BYTES EXTENSION: its first bytes
  head -c "$2" "$1" >"cut$2.$3"
  refused "cut$2.$3: " predict run "cut$2.$3"
}

works 'me.jpg,' predict run me.jpg
works 'progressive.jpg,' predict run progressive.jpg
works 'me.png,' predict run me.png

# What follows the end of a picture is none of it: phones append films to their photographs.
film() { bytes '\0\0\0\030ftypmp42\377\332\0\377\330\377\331\377\332film'; head -c 20000 /dev/zero; bytes '\377\332\377\300'; }
for name in me.jpg progressive.jpg me.png; do
  "$lineament" predict run $name >plain 2>&1
  { cat $name; film; } >"film_$name"
  works "film_$name," predict run "film_$name"
  expect "the points of film_$name are those of $name" \
    test "$("$lineament" predict run "film_$name" | tail -1 | cut -d, -f2-)" = "$(tail -1 plain | cut -d, -f2-)"
  { cat $name; cat $name; } >"twice_$name"
  works "twice_$name," predict run "twice_$name"
  { cat $name; bytes '\377\332'; } >"scan_$name"
  works "scan_${name%.*}" predict run "scan_$name" --draw --out drawn
  works '' predict run "film_$name" --draw --out drawn
done

# Cut anywhere, they are refused.
for at in 1 2 3 10 100 200 300 400 416; do cut_short me.jpg $at jpg; done
for at in 150 300 450 600 625; do cut_short progressive.jpg $at jpeg; done
for at in 1 8 20 33 50 100 137 141 148; do cut_short me.png $at png; done
head -c 416 me.jpg >end.jpg; bytes 'abc\377\332' >>end.jpg
refused 'end.jpg: ' predict run end.jpg
{ head -c 300 me.jpg; film; } >filmed_cut.jpg
refused 'filmed_cut.jpg: ' predict run filmed_cut.jpg
refused 'filmed_cut.jpg: ' predict run filmed_cut.jpg --draw --out drawn

# Other formats, which stb alone would fill up with grey.
{ bytes 'P5\n40 40\n255\n'; head -c 1600 /dev/zero; } >me.pgm
works 'me.pgm' predict run me.pgm
head -c 1000 me.pgm >cut.pgm
refused 'cut.pgm: ' predict run cut.pgm
{ bytes 'BM\066\060\0\0\0\0\0\0\066\0\0\0\050\0\0\0\040\0\0\0\040\0\0\0\001\0\030\0\0\0\0\0\0\014\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
  head -c 3072 /dev/zero; } >me.bmp
works 'me.bmp' predict run me.bmp
head -c 1000 me.bmp >cut.bmp
refused 'cut.bmp: the picture is cut short' predict run cut.bmp
head -c 60 me.bmp >cut60.bmp
refused 'cut60.bmp: the picture is cut short' predict run cut60.bmp

# One bit of a png is another: its checksum says so.
{ head -c 60 me.png; bytes 'X'; tail -c +62 me.png; } >bit.png
refused 'bit.png: the picture is damaged (checksum of its IDAT)' predict run bit.png
{ head -c 18 me.png; bytes '\1'; tail -c +20 me.png; } >wide.png
refused 'wide.png: ' predict run wide.png
{ head -c 16 me.png; bytes '\177\377\377\377\177\377\377\377'; tail -c +25 me.png; } >huge.png
refused 'huge.png: ' predict run huge.png

# No pictures.
: >empty.png
refused 'empty.png: empty, expected a picture' predict run empty.png
echo 'a text' >text.jpg
refused 'text.jpg: not a picture that can be read' predict run text.jpg
bytes '\0\0\2\0\0\0\0\0\0\0\0\0\2\0\2\0\030\0aaaaaaaaaaaaaaaa' >guess.tga  # little tells a tga
refused 'guess.tga: not a picture' predict run guess.tga
head -c 3000 /dev/zero >zeros.png
refused 'zeros.png: not a picture' predict run zeros.png
mkdir folder.png
refused 'folder.png' predict run folder.png
mkfifo fifo.png
refused 'fifo.png: no regular file, expected a picture' predict run fifo.png
refused '/dev/zero: no regular file' predict run /dev/zero
works '/dev/fd/' predict run <(cat me.png)
refused 'reads a picture again: name its file' predict run <(cat me.png) --draw --out drawn

# Names in capitals mean the same.
for name in me.jpg me.png; do cp $name "${name^^}"; works "${name^^}," predict run "${name^^}"; done
pixels=$(yes 100 | head -n 9216 | tr '\n' ' ' | sed 's/ $//')
printf 'ImageId,Image\n1,%s\n2,%s\n' "$pixels" "$pixels" >TEST.CSV
printf 'eye_x,eye_y,nose_tip_x,nose_tip_y,Image\n30,31,44,50,%s\n' "$pixels" >TRAINING.CSV
works 'TEST.CSV:1,' predict run TEST.CSV
works '1 faces of 2 points' convert TRAINING.CSV --to coco --out FACES.JSON
works 'FACES.XML: 1 faces' convert FACES.JSON --to imglab --out FACES.XML
works '1 faces of 2 points' convert FACES.XML --to csv --out FACES.CSV
works '1 faces of 2 points' convert FACES.CSV --to pts --out pts
mkdir capitals && cp TEST.CSV capitals/Test.csv
works 'capitals:1,' predict run capitals
printf 'points = ["nose_tip"]\n' >NOSE.TOML
works 'nose_tip_x' predict run me.png --points NOSE.TOML
works '' predict run me.png --draw --out drawn
expect 'a drawing is there' test -s drawn/me.png

# Archives that are whole but cannot be unpacked here say what they are.
for name in encrypted lzma; do cp $name.zip "$name.ZIP"; done
refused 'is encrypted: unpack it with its password first' impute encrypted.zip --out out.csv
refused 'is encrypted' predict run encrypted.ZIP
refused 'is encrypted' train --data encrypted.zip --out none
head -c 100 lzma.zip >cut.zip
refused 'cut.zip: damaged or incomplete zip' impute cut.zip --out out.csv
echo 'no zip' >text.zip
refused 'text.zip: damaged or incomplete zip' impute text.zip --out out.csv
refused 'a zip, which is not read from a pipe' impute <(cat lzma.zip) --out out.csv
refused 'lzma.zip' impute lzma.zip --out out.csv  # whether or not libzip unpacks it: the table in it has no points
