"""The study's CNN in Keras, dropout off: ten losses from a start and batches that both sides compute.

    python tests/reference/ten_losses.py

Writes tests/goldens/ten_losses.json: "losses" by Adam(1e-3), "sgd_losses" by SGD(1e-3, momentum 0.9).
Names and indices feed formula.py:
    kernels   "conv2d/kernel" [3,3,1,64], "dense/kernel" [141376,96], "dense_1/kernel" [96,30]: uniform in
              [-s, s), s = sqrt(6 / (fan_in + fan_out)) in double, then float; conv2d's fans are 9 and 576
    others    biases, beta and moving mean 0, gamma and moving variance 1
    pictures  u8 "images" [10,64,96,96,1], fed as pixel / 255
    targets   "keypoints" [10,64,30], px = 96 u, fed as (px - 48) / 48 = 2u - 1
Each loss is the mean squared error of its batch before the update. The float64 losses start from the same
floats and show how far rounding alone carries the float32 ones.
"""

import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf

from formula import bytes_of, uniform, write_golden
from train_cnn import study_cnn

STEPS, BATCH = 10, 64
GOLDEN = Path(__file__).parent.parent / "goldens" / "ten_losses.json"


def formula_start(model):
    for layer in model.layers:
        for variable in layer.weights:
            if variable.name == "kernel":
                *taps, inputs, outputs = variable.shape
                scale = np.sqrt(6 / (np.prod(taps) * (inputs + outputs)))
                values = uniform(f"{layer.name}/kernel", variable.shape, -scale, scale)
                variable.assign(values.astype(np.float32))
            else:
                ones = variable.name in ("gamma", "moving_variance")
                variable.assign(np.full(variable.shape, ones, np.float32))


def losses(precision, optimizer):
    keras.backend.clear_session()  # layer names start anew: conv2d, dense, batch_normalization, dense_1
    keras.config.set_floatx(precision)
    model = study_cnn(dropout=0.0)
    formula_start(model)
    optimizer.build(model.trainable_variables)

    @tf.function
    def step(images, targets):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(model(images, training=True) - targets))
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_weights), model.trainable_weights))
        return loss

    images = bytes_of("images", (STEPS, BATCH, 96, 96, 1)).astype(np.float32) / np.float32(255)
    targets = uniform("keypoints", (STEPS, BATCH, 30)).astype(np.float32)
    return [float(step(tf.cast(images[i], precision), tf.cast(targets[i], precision))) for i in range(STEPS)]


def main():
    golden = {
        "framework": f"Keras {keras.__version__}, TensorFlow {tf.__version__}, CPU",
        "units": "mean squared error in half pictures (48 px), before the update of each step",
    }
    optimizers = {
        "losses": lambda: keras.optimizers.Adam(1e-3),
        "sgd_losses": lambda: keras.optimizers.SGD(1e-3, momentum=0.9),
    }
    for key, make in optimizers.items():
        single, double = (losses(precision, make()) for precision in ("float32", "float64"))
        golden[key] = single
        golden[f"{key}_float64"] = double
        worst = max(abs(a / b - 1) for a, b in zip(single, double))
        print(f"{key}: float32 is {worst:.1e} from float64 at worst")
    write_golden(GOLDEN, golden)


if __name__ == "__main__":
    main()
