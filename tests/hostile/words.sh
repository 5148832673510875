# Words that no command knows.
refused 'trian is not known; did you mean train?' trian
refused '--rowz is not known; did you mean --rows?' train --rowz 5
refused 'A subcommand is required'
