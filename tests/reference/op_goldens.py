"""Outputs and gradients of Keras's ops in float64 on small odd shapes.

    python tests/reference/op_goldens.py

Writes tests/goldens/ops.json, a list of cases; ops and their parameters are called as in kernels/ops.h:
    {"op": "conv2d",
     "params": {"stride": 2, "padding": "same"},        or "valid", or [top,bottom,left,right]
     "inputs": {"x": {"shape": [2,7,5,3], "seed_name": "x", "range": [-1,1]}, ...},  formula.py, or "values"
     "dy_name": "dy",                                   seed of dy, in [-1,1); null: y is a loss and dy = 1
     "outputs": {"y": {"shape": [...], "values": [...]}, ...},  row-major, 10 significant digits
     "gradients": {"dx": {...}, ...}}                   of sum(dy y) by each input named here
Pictures are NHWC, filters HWIO. batch_norm_train also gives the batch's mean and (biased) variance, and the
moving ones after the step. Keras knows no mask in its losses; it is 1 everywhere.
"""

import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import tensorflow as tf

from formula import uniform, write_golden

GOLDEN = Path(__file__).parent.parent / "goldens" / "ops.json"
keras.config.set_floatx("float64")


def golden(tensor):
    values = [float(f"{value:.10g}") for value in tensor.numpy().ravel()]
    return {"shape": list(tensor.shape), "values": values}


def drawn(seed_name, *shape, low=-1, high=1):
    return {"shape": list(shape), "seed_name": seed_name, "range": [low, high]}


def given(*rows):
    return {"shape": [len(rows), len(rows[0])], "values": [value for row in rows for value in row]}


def tensor_of(source):
    values = source.get("values")
    if values is None:
        values = uniform(source["seed_name"], source["shape"], *source["range"])
    return tf.reshape(tf.constant(values, tf.float64), source["shape"])


def case(op, compute, params, inputs, differentiated, is_loss=False):
    """compute(**inputs) gives a dictionary whose "y" is differentiated by the inputs listed."""
    tensors = {name: tensor_of(source) for name, source in inputs.items()}
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        outputs = compute(**tensors)
        y = outputs["y"]
        total = y if is_loss else tf.reduce_sum(tf.constant(uniform("dy", y.shape)) * y)
    gradients = tape.gradient(total, {name: tensors[name] for name in differentiated})
    return {
        "op": op,
        "params": params,
        "inputs": inputs,
        "dy_name": None if is_loss else "dy",
        "outputs": {name: golden(value) for name, value in outputs.items()},
        "gradients": {f"d{name}": golden(value) for name, value in gradients.items()},
    }


def padded(x, padding):
    """The picture with given zeros around it, and the padding that is left for Keras to do."""
    if isinstance(padding, str):
        return x, padding
    top, bottom, left, right = padding
    return tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]]), "valid"


def convolution(op, x, w, stride, padding, bias=False):
    keras_op = {"conv2d": keras.ops.conv, "depthwise_conv2d": keras.ops.depthwise_conv}[op]

    def compute(x, w, bias=0.0):
        x, rest = padded(x, padding)
        return {"y": keras_op(x, w, strides=stride, padding=rest) + bias}

    inputs = {"x": drawn("x", *x), "w": drawn("w", *w)}
    if bias:
        inputs["bias"] = drawn("bias", w[3] if op == "conv2d" else w[2])
    return case(op, compute, {"stride": stride, "padding": padding}, inputs, list(inputs))


def dense():
    inputs = {"x": drawn("x", 3, 7), "w": drawn("w", 7, 5), "bias": drawn("bias", 5)}
    return case("dense", lambda x, w, bias: {"y": tf.matmul(x, w) + bias}, {}, inputs, list(inputs))


def batch_norm(shape, training, activation="none", with_residual=False):
    params = {"epsilon": 1e-3, "momentum": 0.99, "activation": activation}
    channels = shape[-1]
    inputs = {
        "x": drawn("x", *shape),
        "gamma": drawn("gamma", channels, low=0.5, high=1.5),
        "beta": drawn("beta", channels),
        "running_mean": drawn("running_mean", channels),
        "running_variance": drawn("running_variance", channels, low=0.5, high=1.5),
    }
    differentiated = ["x", "gamma", "beta"]
    if with_residual:
        inputs["residual"] = drawn("residual", *shape)
        differentiated.append("residual")

    def compute(x, gamma, beta, running_mean, running_variance, residual=0.0):
        layer = keras.layers.BatchNormalization(epsilon=params["epsilon"], momentum=params["momentum"])
        layer.build(shape)
        layer.moving_mean.assign(running_mean)
        layer.moving_variance.assign(running_variance)
        layer.gamma, layer.beta = gamma, beta  # tensors, not variables: the tape above sees them
        act = keras.activations.get(None if activation == "none" else activation)
        outputs = {"y": act(layer(x, training=training) + residual)}
        if training:
            mean, variance = tf.nn.moments(x, list(range(len(shape) - 1)))
            outputs |= {"mean": mean, "variance": variance}
            outputs["running_mean"] = layer.moving_mean.value
            outputs["running_variance"] = layer.moving_variance.value
        return outputs

    op = "batch_norm_train" if training else "batch_norm_infer"
    return case(op, compute, params, inputs, differentiated)


def elementwise(op, function, params=None, reach=1):
    inputs = {"x": drawn("x", 3, 7, low=-reach, high=reach)}
    return case(op, lambda x: {"y": function(x)}, params or {}, inputs, ["x"])


def squeeze_excite():
    inputs = {"x": drawn("x", 2, 3, 5, 3), "a": drawn("a", 2, 1, 1, 3)}
    return case("multiply", lambda x, a: {"y": x * a}, {}, inputs, ["x", "a"])


def pool(op, x, size, stride, padding):
    keras_op = {"max_pool": keras.ops.max_pool, "average_pool": keras.ops.average_pool}[op]
    params = {"size": size, "stride": stride, "padding": padding}
    return case(op, lambda x: {"y": keras_op(x, size, stride, padding)}, params, {"x": drawn("x", *x)}, ["x"])


def global_average_pool():
    layer = keras.layers.GlobalAveragePooling2D()
    return case("global_average_pool", lambda x: {"y": layer(x)}, {}, {"x": drawn("x", 2, 5, 3, 3)}, ["x"])


def upsample(*x):
    """Keras's layer rounds to float32 whatever it is given; its shares are exact there, so they are asked for."""
    n, h, w, c = x
    pixels = tf.reshape(tf.eye(h * w, dtype=tf.float64), (h * w, h, w, 1))
    shares = keras.layers.UpSampling2D(2, interpolation="bilinear")(pixels)[..., 0]

    def compute(x):
        return {"y": tf.einsum("pij,npc->nijc", shares, tf.reshape(x, (n, h * w, c)))}

    return case("upsample", compute, {}, {"x": drawn("x", *x)}, ["x"])


def loss(op, keras_loss, prediction, target):
    def compute(prediction, target):
        return {"y": keras_loss()(target, prediction)}

    return case(op, compute, {}, {"prediction": prediction, "target": target}, ["prediction"], is_loss=True)


def one_hot(classes, labels):
    return given(*[[float(index == label) for index in range(classes)] for label in labels])


def main():
    squared, entropy = keras.losses.MeanSquaredError, keras.losses.CategoricalCrossentropy
    act = keras.activations
    cases = [
        convolution("conv2d", (2, 7, 5, 3), (3, 3, 3, 5), 2, "same"),
        convolution("conv2d", (2, 7, 5, 3), (3, 3, 3, 5), 1, "same", bias=True),
        convolution("conv2d", (2, 5, 7, 1), (2, 2, 1, 3), 1, "valid", bias=True),
        convolution("conv2d", (2, 7, 5, 3), (1, 1, 3, 5), 2, "same"),
        convolution("conv2d", (2, 7, 5, 3), (1, 1, 3, 7), 1, "valid"),
        convolution("conv2d", (1, 7, 5, 3), (5, 3, 3, 2), 1, [2, 1, 0, 1], bias=True),
        convolution("conv2d", (1, 9, 8, 3), (7, 7, 3, 2), 2, [3, 3, 3, 3], bias=True),
        convolution("conv2d", (1, 8, 6, 2), (3, 3, 2, 3), 2, "same"),
        convolution("depthwise_conv2d", (2, 5, 7, 3), (3, 3, 3, 1), 1, "same", bias=True),
        convolution("depthwise_conv2d", (2, 7, 6, 3), (5, 5, 3, 1), 2, "same"),
        convolution("depthwise_conv2d", (1, 6, 8, 5), (3, 3, 5, 1), 2, [0, 1, 0, 1]),
        dense(),
        batch_norm((7, 5), training=True),
        batch_norm((2, 3, 5, 3), training=True),
        batch_norm((2, 3, 5, 3), training=True, activation="relu", with_residual=True),
        batch_norm((7, 5), training=False),
        batch_norm((2, 3, 5, 3), training=False, activation="relu"),
        elementwise("relu", act.relu),
        elementwise("relu6", act.relu6, reach=9),
        elementwise("leaky_relu", lambda x: act.leaky_relu(x, 0.2), {"slope": 0.2}),
        elementwise("leaky_relu", keras.layers.LeakyReLU(), {"slope": 0.3}),
        elementwise("swish", act.silu, reach=9),
        elementwise("sigmoid", act.sigmoid, reach=30),
        elementwise("softmax", act.softmax, reach=9),
        squeeze_excite(),
        pool("max_pool", (2, 7, 5, 3), 2, 2, "valid"),
        pool("max_pool", (2, 7, 5, 3), 3, 2, "same"),
        pool("max_pool", (1, 8, 6, 3), 3, 2, "same"),
        pool("average_pool", (2, 7, 5, 3), 2, 2, "valid"),
        pool("average_pool", (2, 7, 5, 3), 3, 2, "same"),
        pool("average_pool", (1, 8, 6, 3), 3, 2, "same"),
        global_average_pool(),
        upsample(2, 3, 5, 3),
        loss("mean_squared_error", squared, drawn("prediction", 5, 7), drawn("target", 5, 7)),
        # Rows that do not sum to 1; nor do their targets; rows so sure that the clip at 1e-7 holds them.
        loss("cross_entropy", entropy, drawn("prediction", 5, 7, low=0.05), one_hot(7, [2, 0, 6, 3, 3])),
        loss("cross_entropy", entropy, drawn("prediction", 5, 7, low=0.05), drawn("target", 5, 7, low=0)),
        loss("cross_entropy", entropy, given([1.0, 0.0, 0.0], [0.0, 1e-9, 1.0], [0.3, 0.2, 0.5]),
             one_hot(3, [0, 1, 2])),
    ]
    write_golden(GOLDEN, cases)


if __name__ == "__main__":
    main()
