"""Runs as the version before keypoint sets wrote them, kept as recipes of a few KB: what must load for ever.

    python tests/reference/runs_v1.py make BASE         BASE: a checkout of that version (baff1b0), built in build/cpu
    python tests/reference/runs_v1.py rebuild NAME OUT  OUT becomes the run folder that tests/goldens/runs_v1/NAME describes

`make` trains the runs of RUNS and keeps of each, byte for byte, config.json, history.csv, metrics.json and the headers
of its .safetensors (model.header.json, and of some last.header.json: where the training stood, the optimiser's state).
Then it rebuilds each and keeps in expected.json what that version's command makes of it. Weights are drawn anew:

    FILE.safetensors = u64 little-endian length of FILE.header.json, that file's bytes as they are (spaces at its end
    too), then each tensor at its data_offsets, all F32 little-endian, row-major:

    u(name, i) = -1 + 2 ((splitmix64(fnv1a64(name) + i) >> 40) / 2^24)      in [-1, 1): formula.py, base's random numbers
    value      = float(centre + reach u(name, i))      in double (square roots and quotients too), then rounded to float

    name                                 centre   reach
    optimizer/velocity/...               2^-5     2^-6       never negative
    optimizer/momentum/...               0        2^-4
    .../moving_variance                  1        2^-1       never negative
    .../gamma                            1        2^-2
    .../beta, .../moving_mean, .../bias  0        2^-3
    .../kernel of two dimensions         0        sqrt(3 / fan_in), fan_in the first dimension
    .../kernel of four, [h,w,c,o]        0        sqrt(13.5 / fan_in), fan_in = h w c, of a depthwise [h,w,c,1] h w

`name` is the whole name, but optimizer/average/P is drawn as `P average` and has P's centre and reach: the row is
that of what follows the prefix. Reaches
keep the answers of different faces apart (2 to 38 px): weights through which no picture came would test nothing.

The drawn faces have changed since that version. What expected.json holds was made again, on today's faces, by code that
answered as that version had while it drew the old ones. `make` gives that
version's own faces and numbers.

expected.json: "predict": keypoints in px of the drawn faces synthetic_faces_complete(3, 7), 30 numbers a face, x before y;
"evaluate": what `evaluate --json` says of the run's own dev set (`--rows 100 --dev-rows 10 --seed 3`, drawn);
"resume", where there is a last.header.json: lines of history.csv that `train --resume --epochs 4` adds (2 epochs are
there). Another machine's kernels may add in another order: hold to 0.01 px and 0.1 %, not to the bit
(weights moved by 5 ulp move the answers by 0.001 px, the last digit that is printed).
"""

import argparse
import csv
import json
import math
import os
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from formula import uniform, write_golden

FOLDER = Path(__file__).parent.parent / "goldens" / "runs_v1"
COMMON = "--rows 100 --dev-rows 10 --epochs 2 --seed 3 --threads 1".split()
RUNS = {  # options, and whether the state to resume from is kept
    "dense2": ("--model dense2", True),
    "baseline": ("--model baseline --optimizer rmsprop --momentum 0.9 --average-decay 0.9", True),
    "mobilenet": ("--model mobilenet_0.25 --augment fresh --dense 16 --average-decay 0.9", False),
}
DRAWN = """
#include <cstdio>
#include "data/synthetic.h"
int main() {  // three faces as the contest's test.csv
  const auto faces = lineament::synthetic_faces_complete(3, 7);
  std::puts("ImageId,Image");
  for (int row = 0; row < 3; ++row)
    for (int i = 0; i < 9216; ++i)
      i == 0 ? std::printf("%d,%d", row + 1, faces.image(row)[i])
             : std::printf(" %d%s", faces.image(row)[i], i == 9215 ? "\\n" : "");
}
"""


def values(name, shape):
    """float32 of that shape: the table above."""
    prefix, kind, part = (name.split("/", 2) + ["", ""])[:3]
    if prefix != "optimizer":
        kind, part = "", name
    seed_name = f"{part} average" if kind == "average" else name
    last = part.rsplit("/", 1)[-1]
    if kind == "velocity":
        centre, reach = 2.0**-5, 2.0**-6
    elif kind == "momentum":
        centre, reach = 0.0, 2.0**-4
    elif last == "moving_variance":
        centre, reach = 1.0, 0.5
    elif last == "gamma":
        centre, reach = 1.0, 0.25
    elif last in ("beta", "moving_mean", "bias"):
        centre, reach = 0.0, 0.125
    elif last == "kernel":
        if len(shape) == 2:
            centre, reach = 0.0, math.sqrt(3 / shape[0])
        else:
            centre, reach = 0.0, math.sqrt(13.5 / (shape[0] * shape[1] * (shape[2] if shape[3] > 1 else 1)))
    else:
        raise ValueError(f"{name}: no rule")
    return (centre + reach * uniform(seed_name, shape)).astype("<f4")


def write_safetensors(header, path):
    tensors = json.loads(header)
    tensors.pop("__metadata__")
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        end = 0
        for name, tensor in tensors.items():
            assert tensor["dtype"] == "F32" and tensor["data_offsets"][0] == end, name
            file.write(values(name, tensor["shape"]).tobytes())
            end = tensor["data_offsets"][1]
            assert file.tell() == 8 + len(header) + end, name


def rebuild(name, out):
    out.mkdir(parents=True, exist_ok=True)
    for source in (FOLDER / name).iterdir():
        if source.name.endswith(".header.json"):
            write_safetensors(source.read_bytes(), out / source.name.replace(".header.json", ".safetensors"))
        elif source.name != "expected.json":
            shutil.copy(source, out)


def rounded(value, digits=5):
    if isinstance(value, dict):
        return {key: rounded(v, digits) for key, v in value.items()}
    if isinstance(value, list):
        return [rounded(v, digits) for v in value]
    return round(value, digits) if isinstance(value, float) else value


def expectation(name, command, faces, scratch):
    """What that version's command makes of the rebuilt run."""
    run = scratch / "rebuilt" / name
    rebuild(name, run)
    answers = list(csv.reader(command("predict", run, faces, "--threads", "1").splitlines()))
    expected = {"predict": [rounded([float(x) for x in row[-30:]]) for row in answers[1:]],
                "evaluate": rounded(json.loads(command("evaluate", run, "--json", "--threads", "1")))}
    del expected["evaluate"]["run"]
    if (run / "last.safetensors").exists():
        command("train", "--resume", "--out", run, "--epochs", "4", "--threads", "1")
        lines = list(csv.DictReader((run / "history.csv").open()))[2:]
        kept = ("epoch", "loss", "dev_mse", "dev_rmse", "dev_nme", "rate")
        expected["resume"] = [{k: float(f"{float(line[k]):.7g}") for k in kept} for line in lines]
    return expected


def make(base):
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        os.chdir(scratch)  # so that no path of this machine gets into config.json

        def command(*args):
            program = base / "build/cpu/lineament"
            return subprocess.run([program, *args], check=True, text=True, capture_output=True).stdout

        Path("drawn.cpp").write_text(DRAWN)
        subprocess.run(["g++", "-std=c++20", "-O1", "-fopenmp", "-I", base, "drawn.cpp", base / "build/cpu/liblineament.a",
                        "-lfmt", "-o", "drawn"], check=True)
        Path("test.csv").write_text(subprocess.run("./drawn", check=True, text=True, capture_output=True).stdout)

        for name, (options, keeps_state) in RUNS.items():
            run, kept = Path("runs") / name, FOLDER / name
            command("train", *options.split(), *COMMON, "--out", run)
            shutil.rmtree(kept, ignore_errors=True)
            kept.mkdir(parents=True)
            for file in ("config.json", "history.csv", "metrics.json"):
                shutil.copy(run / file, kept)
            for file in ("model", "last") if keeps_state else ("model",):
                data = (run / f"{file}.safetensors").read_bytes()
                (kept / f"{file}.header.json").write_bytes(data[8 : 8 + struct.unpack("<Q", data[:8])[0]])
            write_golden(kept / "expected.json", expectation(name, command, Path("test.csv"), scratch))


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("make").add_argument("base", type=Path)
    again = commands.add_parser("rebuild")
    again.add_argument("name", choices=RUNS)
    again.add_argument("out", type=Path)
    args = parser.parse_args()
    make(args.base.resolve()) if args.command == "make" else rebuild(args.name, args.out)


if __name__ == "__main__":
    main()
