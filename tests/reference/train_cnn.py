"""The study's CNN trained in Keras: the mean squared error that lineament's own training must reach.

    python tests/reference/train_cnn.py ../shared/data/training.zip --seeds 1 2 3 --out /tmp/reference_runs

Rows: the complete rows of training.csv in file order; the first 500 are the dev set, the others train.
The rate is 1e-3, falling to zero over the run by a cosine, or constant. Input is pixels / 255, the target (px - 48) / 48; errors are reported in px^2, which is 48^2 times the loss.
Writes seed<N>.csv, one line per epoch, and summary.json. requirements.txt beside this file lists its needs.
"""

import argparse
import csv
import io
import json
import os
import time
import zipfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf

DEV_ROWS = 500
BATCH = 64
HALF_PICTURE = 48.0  # pixels


def complete_rows(archive, cache):
    """Images u8 [N,96,96,1] and keypoints f32 [N,30] in pixels, of the rows with no empty coordinate."""
    if not cache.exists():
        with zipfile.ZipFile(archive) as files, files.open("training.csv") as raw:
            rows = list(csv.reader(io.TextIOWrapper(raw)))[1:]
        rows = [row for row in rows if all(row[:30])]
        images = np.stack([np.array(row[30].split(), np.uint8) for row in rows])
        keypoints = np.array([row[:30] for row in rows], np.float32)
        np.savez(cache, images=images.reshape(-1, 96, 96, 1), keypoints=keypoints)
    with np.load(cache) as arrays:
        return arrays["images"], arrays["keypoints"]


def study_cnn(dropout=0.2):
    """13,576,126 parameters, 192 of them moving statistics."""
    layers = keras.layers
    return keras.Sequential([
        keras.Input((96, 96, 1)),
        layers.Conv2D(64, 3, activation="relu"),  # [N,94,94,64]
        layers.MaxPooling2D(2),  # [N,47,47,64]
        layers.Dropout(dropout),
        layers.Flatten(),
        layers.Dense(96),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Dense(30),
    ])


class DevHistory(keras.callbacks.Callback):
    """Scores the dev set after each epoch and writes the line of that epoch."""

    def __init__(self, path, images, targets):
        super().__init__()
        self.path, self.images, self.targets = path, images, targets
        self.lines = []

    def on_epoch_begin(self, epoch, logs=None):
        self.began = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        seconds = time.perf_counter() - self.began
        dev_loss, dev_accuracy = self.model.evaluate(self.images, self.targets, batch_size=100, verbose=0)
        self.lines.append({
            "epoch": epoch + 1,
            "train_mse_px2": logs["loss"] * HALF_PICTURE**2,
            "train_accuracy": logs["accuracy"],
            "dev_mse_px2": dev_loss * HALF_PICTURE**2,
            "dev_accuracy": dev_accuracy,
            "seconds": seconds,
        })
        with open(self.path, "w", newline="") as file:
            writer = csv.DictWriter(file, self.lines[0])
            writer.writeheader()
            writer.writerows(self.lines)


def train(seed, args, inputs, targets):
    keras.utils.set_random_seed(seed)
    model = study_cnn()
    assert model.count_params() == 13_576_126
    pool = inputs[DEV_ROWS:], targets[DEV_ROWS:]
    rate = 1e-3
    if args.schedule == "cosine":
        steps = args.epochs * -(-len(pool[0]) // BATCH)
        rate = keras.optimizers.schedules.CosineDecay(rate, steps)
    model.compile(keras.optimizers.Adam(rate), "mse", metrics=["accuracy"])
    dev = DevHistory(args.out / f"seed{seed}.csv", inputs[:DEV_ROWS], targets[:DEV_ROWS])
    model.fit(*pool, batch_size=BATCH, epochs=args.epochs, callbacks=[dev], verbose=0)

    seconds = sum(line["seconds"] for line in dev.lines)
    best = min(dev.lines, key=lambda line: line["dev_mse_px2"])
    return {
        "seed": seed,
        "epochs": args.epochs,
        "final_dev_mse_px2": dev.lines[-1]["dev_mse_px2"],
        "final_dev_accuracy": dev.lines[-1]["dev_accuracy"],
        "last_ten_dev_mse_px2": float(np.mean([line["dev_mse_px2"] for line in dev.lines[-10:]])),
        "best_dev_mse_px2": best["dev_mse_px2"],
        "best_epoch": best["epoch"],
        "train_seconds": seconds,
        "images_per_second": args.epochs * (len(inputs) - DEV_ROWS) / seconds,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", type=Path, help="training.zip")
    parser.add_argument("--out", type=Path, default=Path("/tmp/reference_runs"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--schedule", choices=["constant", "cosine"], default="cosine")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()

    tf.config.threading.set_intra_op_parallelism_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    images, keypoints = complete_rows(args.archive, args.out / "complete_rows.npz")
    inputs = images.astype(np.float32) / 255
    targets = (keypoints - HALF_PICTURE) / HALF_PICTURE

    runs = []
    for seed in args.seeds:
        runs.append(train(seed, args, inputs, targets))
        print(json.dumps(runs[-1]), flush=True)
        summary = {"keras": keras.__version__, "tensorflow": tf.__version__, "runs": runs}
        (args.out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n")


if __name__ == "__main__":
    main()
