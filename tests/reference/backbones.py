"""Every backbone in its own framework, from weights that both sides compute: counts, features, one training step.

    python tests/reference/backbones.py [NAME...]         Keras's, or those named
    python3 tests/reference/backbones.py --lite           EfficientNet-Lite, with python3-torch and
                                                          efficientnet_lite_pytorch (PyPI) on PYTHONPATH

Writes tests/goldens/backbones.json, a line a backbone; others' lines stay. All in float64, so that what is found
is the other side's rounding. `start` below gives the weights, bytes_of the pictures: "picture96" [1,96,96,3],
"picture224" [1,224,224,3] and "step" [4,96,96,3], u8 as RGB 0..255.
    parameters, parameters_with_top
    features    by size: shape, norm, mean, and 64 samples at draws("samples") % size; inference mode
    step        loss = mean((features - target)^2), target = uniform("target") flat; the norm of each gradient,
                and of how far each running statistic moved. Nothing is dropped.
Statistics move by the biased variance, as in Keras. PyTorch's own moves by the unbiased one; that is undone.
EfficientNet B0 to B7 normalise their input as with ImageNet weights.
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from formula import bytes_of, draws, uniform, write_golden

GOLDEN = Path(__file__).parent.parent / "goldens" / "backbones.json"
SIZES, BATCH, SAMPLES = (96, 224), 4, 64
MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
RANGES = {"bias": (-0.1, 0.1), "gamma": (0.4, 0.6), "beta": (1, 2), "moving_mean": (-0.2, 0.2),
          "moving_variance": (0.15, 0.35)}


def share(layer):
    """What a block adds to its input is small, so that noise does not grow with depth; and so is what opens a
    squeeze-excite gate, which answers exponentially.
    """
    if layer.endswith("se_expand"):
        return 0.1
    adds = layer.endswith(("_3_bn", "_3_conv")) or (layer.endswith("project_bn") and layer[-12] != "a")
    return 0.3 if adds else 1.0


def start(name, shape):
    """Kernels as He et al. draw them. The betas keep all but a hundredth of a training step's activations above
    zero: at relu's kink rounding alone decides whether a gradient passes.
    """
    layer, kind = name.rsplit("/", 1)
    if kind == "kernel":
        depthwise = len(shape) == 4 and shape[3] == 1
        limit = np.sqrt(6 / np.prod(shape[:2] if depthwise else shape[:-1])) * share(layer)
        low, high = -limit, limit
    else:
        low, high = RANGES[kind]
        if kind == "gamma" or (kind == "beta" and "block" in layer and layer.endswith("_3_bn")):
            low, high = low * share(layer), high * share(layer)
    return uniform(name, shape, low, high).astype(np.float32).astype(np.float64)


def picture(name, count, size):
    return bytes_of(name, (count, size, size, 3)).astype(np.float64)


def short(value):
    return float(f"{value:.9g}")


def described(features):
    flat = features.ravel()
    index = (draws("samples", (SAMPLES,)) % np.uint64(flat.size)).astype(np.int64)
    return {"shape": list(features.shape), "norm": short(np.linalg.norm(flat)), "mean": short(flat.mean()),
            "samples": [short(value) for value in flat[index]]}


def norms(tensors):
    return {name: float(f"{np.linalg.norm(value):.6g}") for name, value in tensors.items()}


def keras_golden(make, preprocess):
    import keras
    import tensorflow as tf

    keras.config.set_floatx("float64")
    with_top = make(include_top=True, input_shape=(224, 224, 3)).count_params()
    keras.backend.clear_session()
    model = make(include_top=False, input_shape=(None, None, 3))
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.rate = 0.0
        for variable in layer.weights:
            if layer.name.startswith("normalization"):
                value = {"mean": MEAN, "variance": STD**3, "count": 0}[variable.name]
                variable.assign(np.reshape(value, variable.shape))
            else:
                variable.assign(start(f"{layer.name}/{variable.name}", tuple(variable.shape)))
        if layer.name.startswith("normalization") and layer.weights:
            layer.finalize_state()  # it keeps what it divides by beside its weights

    features = {size: described(model(preprocess(picture(f"picture{size}", 1, size)), training=False).numpy())
                for size in SIZES}

    named = {f"{layer.name}/{variable.name}": variable for layer in model.layers for variable in layer.weights}
    moving = {name: variable.numpy() for name, variable in named.items() if "/moving_" in name}
    trained = {name: variable for name, variable in named.items()
               if name not in moving and not name.startswith("normalization")}
    pictures = preprocess(picture("step", BATCH, 96))
    with tf.GradientTape() as tape:
        y = model(pictures, training=True)
        target = uniform("target", (int(np.prod(y.shape)),)).reshape(y.shape)
        loss = tf.reduce_mean(tf.square(y - target))
    gradients = tape.gradient(loss, {name: variable.value for name, variable in trained.items()})
    return {
        "parameters": model.count_params(),
        "parameters_with_top": with_top,
        "features": features,
        "step": {
            "loss": short(float(loss)),
            "gradients": norms({name: gradient.numpy() for name, gradient in gradients.items()}),
            "statistics": norms({name: named[name].numpy() - old for name, old in moving.items()}),
        },
    }


def lite_names(model):
    """The name that Keras's EfficientNet has for every module of efficientnet_lite_pytorch's."""
    names = {"_conv_stem": "stem_conv", "_bn0": "stem_bn", "_conv_head": "top_conv", "_bn1": "top_bn",
             "_fc": "predictions"}
    stage, repeat, width = 0, 0, None
    for index, block in enumerate(model._blocks):
        args = block._block_args
        first = isinstance(args.stride, list)  # of a stage: the others' stride is a plain 1
        stage, repeat = (stage + 1, 0) if first or index == 0 else (stage, repeat + 1)
        prefix = f"block{stage}{chr(ord('a') + repeat)}_"
        parts = {"_expand_conv": "expand_conv", "_bn0": "expand_bn", "_depthwise_conv": "dwconv", "_bn1": "bn",
                 "_project_conv": "project_conv", "_bn2": "project_bn"}
        names |= {f"_blocks.{index}.{theirs}": prefix + ours for theirs, ours in parts.items()}
    return names


def lite_golden(number):
    import torch
    from efficientnet_lite_pytorch import EfficientNet

    model = EfficientNet.from_name(f"efficientnet-lite{number}", image_size=None, drop_connect_rate=0.0,
                                   dropout_rate=0.0).double()
    layers = lite_names(model)
    kinds = {"running_mean": "moving_mean", "running_var": "moving_variance"}

    def keras_name(name, tensor):
        layer, kind = name.rsplit(".", 1)
        if kind == "weight":
            return f"{layers[layer]}/{'gamma' if tensor.dim() == 1 else 'kernel'}"
        kind = kinds.get(kind, "beta" if kind == "bias" and "bn" in layer else kind)
        return f"{layers[layer]}/{kind}"

    state = {name: tensor for name, tensor in model.state_dict().items() if "num_batches" not in name}
    for name, tensor in state.items():
        ours = keras_name(name, tensor)
        if tensor.dim() == 4:
            depthwise = ours.endswith("dwconv/kernel")
            axes = (2, 3, 0, 1) if depthwise else (2, 3, 1, 0)  # to HWIO
            shape = tuple(tensor.shape[axis] for axis in axes)
            value = start(ours, shape).transpose(np.argsort(axes))
        elif tensor.dim() == 2:
            value = start(ours, tuple(tensor.shape[::-1])).T
        else:
            value = start(ours, tuple(tensor.shape))
        tensor.copy_(torch.from_numpy(np.ascontiguousarray(value)))

    def fed(pictures):
        return torch.from_numpy(((pictures - 127) / 128).transpose(0, 3, 1, 2).copy())

    def nhwc(features):
        return features.detach().numpy().transpose(0, 2, 3, 1)

    total = sum(tensor.numel() for tensor in state.values())
    counts = {"parameters": total - sum(p.numel() for p in model._fc.parameters()), "parameters_with_top": total}
    model.eval()
    features = {size: described(nhwc(model.extract_features(fed(picture(f"picture{size}", 1, size)))))
                for size in SIZES}

    model.train()
    moved = {}

    def watch(name, module):
        def hook(_, inputs):
            x = inputs[0].detach()
            for kind, batch, old in (("moving_mean", x.mean((0, 2, 3)), module.running_mean),
                                     ("moving_variance", x.var((0, 2, 3), unbiased=False), module.running_var)):
                moved[f"{layers[name]}/{kind}"] = ((batch - old) * module.momentum).numpy().copy()
        module.register_forward_pre_hook(hook)

    for name, module in model.named_modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            watch(name, module)
    y = model.extract_features(fed(picture("step", BATCH, 96))).permute(0, 2, 3, 1)
    target = torch.from_numpy(uniform("target", (y.numel(),)).reshape(tuple(y.shape)))
    loss = ((y - target) ** 2).mean()
    loss.backward()
    gradients = {keras_name(name, p): p.grad.numpy() for name, p in model.named_parameters() if p.grad is not None}
    return counts | {"features": features, "step": {"loss": short(loss.item()), "gradients": norms(gradients),
                                                    "statistics": norms(moved)}}


def keras_families():
    from keras import applications as a

    def plain(x):
        return x

    def of(make, **options):
        return lambda **more: make(weights=None, **options, **more)

    table = {f"resnet{n}": (of(getattr(a, f"ResNet{n}")), a.resnet.preprocess_input) for n in (50, 101, 152)}
    table["resnet50v2"] = (of(a.ResNet50V2), a.resnet_v2.preprocess_input)
    for name, alpha in (("mobilenet", 1.0), ("mobilenet_0.75", 0.75), ("mobilenet_0.50", 0.5), ("mobilenet_0.25", 0.25)):
        table[name] = (of(a.MobileNet, alpha=alpha), a.mobilenet.preprocess_input)
    table |= {f"efficientnet_b{n}": (of(getattr(a, f"EfficientNetB{n}")), plain) for n in range(8)}
    table |= {f"efficientnetv2_b{n}": (of(getattr(a, f"EfficientNetV2B{n}")), plain) for n in range(4)}
    return table


def main(arguments):
    goldens = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
    if arguments == ["--lite"]:
        makers = {f"efficientnet_lite{n}": lambda n=n: lite_golden(n) for n in range(3)}
    else:
        families = keras_families()
        makers = {name: lambda name=name: keras_golden(*families[name]) for name in arguments or families}
    for name, make in makers.items():
        goldens[name] = make()
        print(name, goldens[name]["parameters"], goldens[name]["features"][96]["norm"], goldens[name]["step"]["loss"],
              flush=True)
        write_golden(GOLDEN, json.loads(json.dumps(goldens)))


if __name__ == "__main__":
    main(sys.argv[1:])
