"""One training step or inference in PyTorch, or inference in ONNX Runtime, timed as `lineament bench step --as-peers` is.

    python tests/reference/torch_step.py cnn train --calibrate libcalibrate.so
    python tests/reference/torch_step.py resnet50 infer --batch 1 --format channels_last --jit --calibrate ...
    python tests/reference/torch_step.py efficientnet_b0 onnx --batch 64 --calibrate ...

Prints one line of JSON with the keys of `lineament bench step --json`. One configuration a process, so that peak_rss_mb is its
own. The library is tests/reference/calibrate.cpp, which scripts/bench_vs_peers.sh builds: the rate of multiply-adds beside each
sample. Needs torch; onnx needs onnx and onnxruntime too.
"""

import argparse
import ctypes
import io
import json
import resource
import statistics
import time
import warnings

import torch
from torch import nn
from torch.nn import functional as F

COORDINATES = 30
WARM_STEPS = 2
BURST_SECONDS = 0.005
REST_SECONDS = 0.05
SAMPLE_SECONDS = 0.02  # a sample of inference repeats what is shorter


class ConvNorm(nn.Sequential):
    """A convolution without bias, its batch norm, an activation."""

    def __init__(self, inputs, outputs, kernel, stride=1, activation=None, groups=1):
        conv = nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, groups=groups, bias=False)
        super().__init__(conv, nn.BatchNorm2d(outputs), activation(inplace=True) if activation else nn.Identity())

    def fold(self):
        self[0] = nn.utils.fusion.fuse_conv_bn_eval(self[0], self[1])
        self[1] = nn.Identity()


class Cnn(nn.Module):
    """The study's: one convolution, two dense layers."""

    channels = 1

    def __init__(self):
        super().__init__()
        self.conv, self.drop = nn.Conv2d(1, 64, 3), nn.Dropout(0.25)
        self.dense, self.norm = nn.Linear(47 * 47 * 64, 96), nn.BatchNorm1d(96)
        self.keypoints = nn.Linear(96, COORDINATES)

    def forward(self, x):
        x = self.drop(F.max_pool2d(F.relu(self.conv(x), inplace=True), 2))
        return self.keypoints(F.relu(self.norm(self.dense(torch.flatten(x, 1)))))


class Bottleneck(nn.Module):
    """Strides in its first 1x1, as Keras does."""

    def __init__(self, inputs, filters, stride, first):
        super().__init__()
        self.first = ConvNorm(inputs, filters, 1, stride, nn.ReLU)
        self.second = ConvNorm(filters, filters, 3, 1, nn.ReLU)
        self.third = ConvNorm(filters, 4 * filters, 1)
        self.shortcut = ConvNorm(inputs, 4 * filters, 1, stride) if first else nn.Identity()

    def forward(self, x):
        return F.relu(self.third(self.second(self.first(x))) + self.shortcut(x), inplace=True)


class ResNet50(nn.Module):
    channels = 3

    def __init__(self):
        super().__init__()
        blocks, inputs = [ConvNorm(3, 64, 7, 2, nn.ReLU), nn.MaxPool2d(3, 2, 1)], 64
        for filters, repeats, stride in [(64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)]:
            for block in range(repeats):
                blocks.append(Bottleneck(inputs, filters, stride if block == 0 else 1, block == 0))
                inputs = 4 * filters
        self.body = nn.Sequential(*blocks, nn.MaxPool2d(2), nn.Flatten())
        self.head = nn.Sequential(nn.Linear(inputs, 96), nn.ReLU(inplace=True), nn.Linear(96, COORDINATES))

    def forward(self, x):
        return self.head(self.body(x))


class MBConv(nn.Module):
    def __init__(self, inputs, outputs, expand, kernel, stride):
        super().__init__()
        wide, squeezed = inputs * expand, max(1, inputs // 4)
        self.expand = ConvNorm(inputs, wide, 1, 1, nn.SiLU) if expand > 1 else nn.Identity()
        self.depthwise = ConvNorm(wide, wide, kernel, stride, nn.SiLU, groups=wide)
        self.squeeze = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(wide, squeezed, 1), nn.SiLU(inplace=True),
                                     nn.Conv2d(squeezed, wide, 1), nn.Sigmoid())
        self.project = ConvNorm(wide, outputs, 1)
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x):
        y = self.depthwise(self.expand(x))
        y = self.project(y * self.squeeze(y))
        return y + x if self.adds else y


class EfficientNetB0(nn.Module):
    """Table 1 of arXiv:1905.11946; pads strided convolutions evenly, which costs nothing extra."""

    channels = 3

    def __init__(self):
        super().__init__()
        blocks, inputs = [ConvNorm(3, 32, 3, 2, nn.SiLU)], 32
        for expand, kernel, stride, outputs, repeats in [(1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3),
                                                         (6, 5, 1, 112, 3), (6, 5, 2, 192, 4), (6, 3, 1, 320, 1)]:
            for block in range(repeats):
                blocks.append(MBConv(inputs, outputs, expand, kernel, stride if block == 0 else 1))
                inputs = outputs
        blocks += [ConvNorm(inputs, 1280, 1, 1, nn.SiLU), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
        self.body, self.head = nn.Sequential(*blocks), nn.Linear(1280, COORDINATES)

    def forward(self, x):
        return self.head(self.body(x))


NETWORKS = {"cnn": Cnn, "resnet50": ResNet50, "efficientnet_b0": EfficientNetB0}


def peak_rss_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def training(network, x, target):
    network.train()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4, fused=True)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = F.mse_loss(network(x), target)
        loss.backward()
        optimizer.step()
        assert torch.isfinite(loss), "the loss is not finite"

    return step


def folded(network):
    network.eval()
    for module in network.modules():
        if isinstance(module, ConvNorm):
            module.fold()
    return network


@torch.no_grad()
def inference(network, x, jit):
    network = folded(network)
    if jit:
        network = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(network, x)))

    @torch.no_grad()
    def step():
        network(x)

    return step


@torch.no_grad()
def onnx_inference(network, x, threads):
    import onnxruntime

    model = io.BytesIO()
    torch.onnx.export(network.eval(), (x,), model, dynamo=False, input_names=["x"])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model.getvalue(), options, providers=["CPUExecutionProvider"])
    pictures = {"x": x.numpy()}
    return lambda: session.run(None, pictures)


def calibration(path):
    library = ctypes.CDLL(path)
    library.lineament_fma_gflops.restype = ctypes.c_double
    library.lineament_fma_gflops.argtypes = [ctypes.c_double]

    def burst():
        time.sleep(REST_SECONDS)  # ONNX Runtime's threads spin on for a while, and would take half of the rate
        return library.lineament_fma_gflops(BURST_SECONDS)

    return burst


def timed(step, fma_gflops, samples, repeats_short):
    """Milliseconds and FMA rate of each sample; the rate is that before and after it."""
    for _ in range(WARM_STEPS):
        step()
    repeats = 1
    if repeats_short:
        begin = time.perf_counter()
        step()
        repeats = max(1, round(SAMPLE_SECONDS / (time.perf_counter() - begin)))
    milliseconds, rates, before = [], [], fma_gflops()
    for _ in range(samples):
        begin = time.perf_counter()
        for _ in range(repeats):
            step()
        milliseconds.append((time.perf_counter() - begin) * 1e3 / repeats)
        after = fma_gflops()
        rates.append((before + after) / 2)
        before = after
    return milliseconds, rates


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("mode", choices=["train", "infer", "onnx"])
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--format", choices=["default", "channels_last"], default="default")
    parser.add_argument("--jit", action="store_true", help="inference by frozen TorchScript, optimised for it")
    parser.add_argument("--steps", type=int, default=7)
    parser.add_argument("--calibrate", required=True, help="the library of tests/reference/calibrate.cpp")
    args = parser.parse_args()
    warnings.filterwarnings("ignore")

    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    torch.set_flush_denormal(True)
    fma_gflops = calibration(args.calibrate)
    base_rss = peak_rss_mb()
    network = NETWORKS[args.network]()
    x = torch.rand(args.batch, network.channels, 96, 96)
    target = torch.rand(args.batch, COORDINATES) - 0.5
    if args.format == "channels_last":
        network, x = network.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
    if args.mode == "train":
        step = training(network, x, target)
    elif args.mode == "infer":
        step = inference(network, x, args.jit)
    else:
        step = onnx_inference(network, x, args.threads)
    milliseconds, rates = timed(step, fma_gflops, args.steps, args.mode != "train")

    ms = statistics.median(milliseconds)
    print(json.dumps({
        "program": "onnxruntime" if args.mode == "onnx" else "torch " + torch.__version__,
        "model": args.network,
        "mode": args.mode,
        "format": args.format,
        "batch": args.batch,
        "threads": args.threads,
        "steps": args.steps,
        "ms": ms,
        "images_per_s": args.batch / ms * 1e3,
        "peak_gflops": statistics.median(rates),
        "ms_x_gflops": statistics.median(m * r for m, r in zip(milliseconds, rates)),
        "peak_rss_mb": peak_rss_mb(),
        "base_rss_mb": base_rss,
    }))


if __name__ == "__main__":
    main()
