"""Five steps of Keras's optimisers in float32, and what its schedules and callbacks do to a given history.

    python tests/reference/optimizer_goldens.py

Writes tests/goldens/optimizers.json (names feed formula.py, values in [-1,1) rounded to float):
    "start": the vector "w" [11]; "gradients": "g" [5,11], one row a step
    "steps": [{"optimizer", "settings", "values": [5][11] after each step}]
    "plateau": [{"settings", "losses", "rates": the rate after each epoch}]       ReduceLROnPlateau
    "early_stopping": [{"settings", "losses", "stopped_epoch", "best_epoch"}]     epochs from 1, or null
    "cosine": [{"settings", "rates": the rate of step 0, 1, 2, ...}]              CosineDecay
"""

import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf

from formula import uniform, write_golden

GOLDEN = Path(__file__).parent.parent / "goldens" / "optimizers.json"
STEPS, LENGTH = 5, 11

OPTIMIZERS = [
    ("sgd", keras.optimizers.SGD, {"learning_rate": 0.01, "momentum": 0.0, "nesterov": False}),
    ("sgd", keras.optimizers.SGD, {"learning_rate": 0.01, "momentum": 0.9, "nesterov": False}),
    ("sgd", keras.optimizers.SGD, {"learning_rate": 0.01, "momentum": 0.9, "nesterov": True}),
    ("adam", keras.optimizers.Adam, {"learning_rate": 1e-3, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}),
    ("adamw", keras.optimizers.AdamW,
     {"learning_rate": 1e-3, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7, "weight_decay": 0.004}),
    ("rmsprop", keras.optimizers.RMSprop,
     {"learning_rate": 1e-3, "rho": 0.9, "momentum": 0.0, "epsilon": 1e-7}),
    ("rmsprop", keras.optimizers.RMSprop,
     {"learning_rate": 1e-3, "rho": 0.9, "momentum": 0.9, "epsilon": 1e-7}),
]


def floats(array):
    """The shortest decimals that read back as the same floats."""
    return [floats(row) if row.ndim else float(str(row)) for row in np.asarray(array, np.float32)]


def steps(name, make, settings):
    weights = keras.Variable(uniform("w", (LENGTH,)).astype(np.float32))
    gradients = uniform("g", (STEPS, LENGTH)).astype(np.float32)
    optimizer = make(**settings)
    values = []
    for gradient in gradients:
        optimizer.apply_gradients([(tf.constant(gradient), weights)])
        values.append(weights.numpy())
    return {"optimizer": name, "settings": settings, "values": floats(values)}


def watched_model(callback, rate=1e-3):
    """The smallest model a callback can watch."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(rate), "mse")
    callback.set_model(model)
    callback.on_train_begin()
    return model


def plateau(settings, losses, rate=1e-3):
    callback = keras.callbacks.ReduceLROnPlateau(monitor="val_loss", **settings)
    model = watched_model(callback, rate)
    rates = []
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"val_loss": loss})
        rates.append(model.optimizer.learning_rate.numpy())
    return {"settings": {"learning_rate": rate} | settings, "losses": losses, "rates": floats(rates)}


def early_stopping(settings, losses):
    callback = keras.callbacks.EarlyStopping(monitor="val_loss", **settings)
    model = watched_model(callback)
    stopped = None
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"val_loss": loss})
        if model.stop_training:
            stopped = epoch + 1
            break
    best = callback.best_epoch + 1
    return {"settings": settings, "losses": losses, "stopped_epoch": stopped, "best_epoch": best}


def cosine(settings, count):
    schedule = keras.optimizers.schedules.CosineDecay(**settings)
    return {"settings": settings, "rates": floats([schedule(step).numpy() for step in range(count)])}


def main():
    # A noisy descent; a hand-made history with steps of just under and just over min_delta; a flat line.
    noise = uniform("losses", (70,), 0, 0.05)
    noisy = [round(float(1 / (1 + 0.2 * i) + noise[i]), 6) for i in range(len(noise))]
    edges = [1.0, 0.9, 0.89995, 0.89985, 0.8999, 0.9, 0.91, 0.895, 0.895, 0.8951, 0.89492, 0.89485, 0.9, 0.5]
    histories = (noisy, edges, [0.25] * 40)
    study = {"factor": 0.7, "patience": 5, "min_delta": 1e-4, "cooldown": 0, "min_lr": 0.0}
    cooled = {"factor": 0.5, "patience": 2, "min_delta": 1e-4, "cooldown": 3, "min_lr": 1e-4}
    write_golden(GOLDEN, {
        "framework": f"Keras {keras.__version__}, TensorFlow {tf.__version__}, CPU, float32",
        "start": floats(uniform("w", (LENGTH,))),
        "gradients": floats(uniform("g", (STEPS, LENGTH))),
        "steps": [steps(*row) for row in OPTIMIZERS],
        "plateau": [plateau(settings, losses) for settings in (study, cooled) for losses in histories],
        "early_stopping": [early_stopping({"patience": patience, "min_delta": delta}, losses)
                           for patience, delta in ((30, 0), (3, 0), (3, 1e-4)) for losses in histories],
        "cosine": [
            cosine({"initial_learning_rate": 1e-3, "decay_steps": 20, "alpha": 0.0}, 25),
            cosine({"initial_learning_rate": 0.0, "decay_steps": 20, "alpha": 0.01,
                    "warmup_target": 1e-3, "warmup_steps": 5}, 30),
        ],
    })


if __name__ == "__main__":
    main()
