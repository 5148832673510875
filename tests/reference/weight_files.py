"""Small files of weights as other people's programs write them, and what Keras sees on photographs.

    python tests/reference/weight_files.py keras      Keras's .h5 in its shapes, and .npz
    python tests/reference/weight_files.py torch      PyTorch's .pth, zip and older form (torch 1.6 to 2.x)
    python tests/reference/weight_files.py photos COMMAND WEIGHTS PHOTO...
                                                      the five likeliest classes of the squares that `COMMAND
                                                      classify --show` says it looks at: by Keras, weights of
                                                      MobileNet 0.25 (.h5), or by PyTorch, of EfficientNet-Lite0
                                                      (.pth; efficientnet_lite_pytorch from PyPI on PYTHONPATH)

Writes tests/goldens/weights/. Every tensor is formula.py's uniform(-1, 1) draw of its name (of float32, then rounded
to the type that it is stored as), so the tests know what they should read. The network of the Keras files:

    conv1 (3x3, 3 to 5, bias), conv1_bn, conv_dw_1 (depthwise 3x3), conv_pw_1 (1x1, 5 to 7), dropout, predictions (7 to 4)
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from formula import uniform, write_golden

FOLDER = Path(__file__).parent.parent / "goldens" / "weights"


def values(name, shape, dtype="float32"):
    return uniform(name, shape).astype("float32").astype(dtype)


def tiny_network(keras):
    layers = keras.layers
    x = picture = keras.Input((8, 8, 3))
    x = layers.Normalization(name="normalization")(x)
    x = layers.Conv2D(5, 3, padding="same", name="conv1")(x)
    x = layers.BatchNormalization(name="conv1_bn")(x)
    x = layers.DepthwiseConv2D(3, use_bias=False, name="conv_dw_1")(x)
    x = layers.Conv2D(7, 1, use_bias=False, name="conv_pw_1")(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.1)(x)
    model = keras.Model(picture, layers.Dense(4, name="predictions")(x))
    for layer in model.layers:
        for weight in layer.weights:
            if "seed" not in weight.path and weight.dtype == "float32":
                weight.assign(values(f"{layer.name}/{weight.name}", weight.shape))
    return model


def write_keras():
    import h5py
    import keras

    model = tiny_network(keras)
    from keras.src.legacy.saving import legacy_h5_format

    with h5py.File(FOLDER / "weights.h5", "w") as file:  # shape 1, as Keras 3 still writes it into ...
        legacy_h5_format.save_weights_to_hdf5_group(file, model)
    model.save(FOLDER / "model.h5")  # ... shape 2, the whole model
    model.save_weights(FOLDER / "keras3.weights.h5")  # shape 3

    nameless = FOLDER / "nameless.weights.h5"  # as Keras 3.0 to 3.3 wrote it
    nameless.write_bytes((FOLDER / "keras3.weights.h5").read_bytes())
    with h5py.File(nameless, "r+") as file:
        folders = []
        file.visit(folders.append)
        for folder in folders:
            file[folder].attrs.pop("name", None)

    with h5py.File(FOLDER / "keras2.h5", "w", libver="latest") as file:  # Keras 2: ":0", depthwise_kernel, lists in two attributes
        names = [layer.name for layer in model.layers]
        file.attrs["layer_names0"] = [name.encode() for name in names[:4]]
        file.attrs["layer_names1"] = np.array(names[4:], dtype=h5py.string_dtype())
        for layer in model.layers:
            group = file.create_group(layer.name)
            kinds = [w.name for w in layer.weights if "seed" not in w.path and layer.name != "normalization"]
            paths = []
            for kind in kinds:
                stored = "depthwise_kernel" if layer.name == "conv_dw_1" else kind
                paths.append(f"{layer.name}/{stored}:0")
                shape = next(w.shape for w in layer.weights if w.name == kind)
                options = {"compression": "gzip"} if kind == "kernel" else {}
                group.create_dataset(paths[-1], data=values(f"{layer.name}/{kind}", shape), **options)
            group.attrs["weight_names"] = [path.encode() for path in paths]

    with h5py.File(FOLDER / "texts.h5", "w") as file:  # a dataset of the wrong type
        file.attrs["layer_names"] = [b"conv1"]
        group = file.create_group("conv1")
        group.attrs["weight_names"] = [b"kernel"]
        group["kernel"] = np.array([b"three", b"texts", b"here"])

    np.savez_compressed(
        FOLDER / "arrays.npz",
        **{
            "conv1/kernel": values("conv1/kernel", (3, 3, 3, 5)),
            "half": values("half", (7,), "float16"),
            "double": values("double", (2, 3), "float64"),
            "columns": np.asfortranarray(values("columns", (3, 5, 2))),
            "scalar": values("scalar", ()),
            "count": np.int64(7),
        },
    )


def write_torch():
    import torch

    kernel = torch.from_numpy(values("conv.weight", (5, 3, 3, 2)))
    wide = torch.from_numpy(values("wide", (6, 4)))
    state = {
        "conv.weight": kernel,
        "bn.running_mean": torch.from_numpy(values("bn.running_mean", (5,))),
        "bn.num_batches_tracked": torch.tensor(7),
        "half": torch.from_numpy(values("half", (3,))).half(),
        "brain": torch.from_numpy(values("brain", (3,))).bfloat16(),
        "double": torch.from_numpy(values("double", (2, 2)).astype("float64")),
        "wide": wide,
        "wide.transposed": wide.t(),  # the same storage, other strides
        "wide.corner": wide[2:5, 1:3],
    }
    from collections import OrderedDict

    state = OrderedDict(state)
    torch.save(state, FOLDER / "zip.pth")
    torch.save({"epoch": 3, "state_dict": state}, FOLDER / "legacy.pth", _use_new_zipfile_serialization=False)


def keras_mobilenet(weights):
    import keras

    model = keras.applications.MobileNet(input_shape=(224, 224, 3), alpha=0.25, weights=None)
    model.load_weights(weights)
    return lambda square: model.predict(square[None] / 127.5 - 1, verbose=0)[0]


def torch_lite0(weights):
    import torch
    from efficientnet_lite_pytorch import EfficientNet

    model = EfficientNet.from_name("efficientnet-lite0")
    model.load_state_dict(torch.load(weights))
    model.eval()

    def probabilities(square):
        with torch.no_grad():
            return torch.softmax(model(torch.from_numpy(((square - 127) / 128).transpose(2, 0, 1)[None].copy())), 1)[0].numpy()

    return probabilities


def write_photos(command, weights, photos):
    from PIL import Image

    name, run = ("mobilenet_0.25", keras_mobilenet) if weights.endswith(".h5") else ("efficientnet_lite0", torch_lite0)
    probabilities_of = run(weights)
    path = FOLDER / "photos.json"
    golden = json.loads(path.read_text()) if path.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([command, "classify", "--weights", weights, "--show", folder, *photos], check=True)
        for photo in photos:
            square = np.asarray(Image.open(Path(folder, Path(photo).stem + ".png"))).astype("float32")
            probabilities = probabilities_of(square)
            best = np.argsort(-probabilities)[:5]
            golden.setdefault(name, {})[Path(photo).name] = [[int(i), round(float(probabilities[i]), 7)] for i in best]
    write_golden(path, golden)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    FOLDER.mkdir(parents=True, exist_ok=True)
    what, *rest = sys.argv[1:] or ["help"]
    if what == "keras" and not rest:
        write_keras()
    elif what == "torch" and not rest:
        write_torch()
    elif what == "photos" and len(rest) > 2:
        write_photos(rest[0], rest[1], rest[2:])
    else:
        sys.exit(__doc__)
