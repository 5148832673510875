"""One training step or inference in PyTorch, or inference in ONNX Runtime, timed as `lineament bench step --as-peers` is.

    python tests/reference/torch_step.py cnn train --calibrate libcalibrate.so
    python tests/reference/torch_step.py resnet50 infer --batch 1 --format channels_last --jit --calibrate ...
    python tests/reference/torch_step.py efficientnet_b0 onnx --batch 64 --calibrate ...
    python tests/reference/torch_step.py resnet50 train --batch 64 --device cuda --precision bf16 --compile

Prints one line of JSON with the keys of `lineament bench step --json`. One configuration a process, so that its peak of memory is
its own. The library is tests/reference/calibrate.cpp, which scripts/bench_vs_peers.sh builds: the rate of multiply-adds beside
each sample; on CUDA none is needed. Needs torch; onnx needs onnx and onnxruntime too.

On CUDA everything is as fast as PyTorch's own guides make it: channels_last, autocast for bf16, a fused and capturable Adam,
cuDNN's search, and with --compile torch.compile's CUDA graphs (mode reduce-overhead). Pictures and targets lie on the device.
"""

import argparse
import ctypes
import io
import json
import math
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
CUDA_WARM_STEPS, CUDA_SAMPLE_SECONDS = 11, 0.1  # compiling, recording and cuDNN's search are over after the first


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


class BottleneckV2(nn.Module):
    """Normalises first; a stage's last block strides in its 3x3, its shortcut by leaving pixels out."""

    def __init__(self, inputs, filters, stride, first):
        super().__init__()
        self.before = nn.Sequential(nn.BatchNorm2d(inputs), nn.ReLU(inplace=True))
        self.shortcut = nn.Conv2d(inputs, 4 * filters, 1) if first else None
        self.skip = nn.MaxPool2d(1, stride) if stride > 1 else nn.Identity()
        self.first = ConvNorm(inputs, filters, 1, 1, nn.ReLU)
        self.second = ConvNorm(filters, filters, 3, stride, nn.ReLU)
        self.third = nn.Conv2d(filters, 4 * filters, 1)

    def forward(self, x):
        active = self.before(x)
        shortcut = self.shortcut(active) if self.shortcut else self.skip(x)
        return self.third(self.second(self.first(active))) + shortcut


class ResNet50V2(nn.Module):
    channels = 3

    def __init__(self):
        super().__init__()
        blocks, inputs = [nn.Conv2d(3, 64, 7, 2, 3), nn.MaxPool2d(3, 2, 1)], 64
        for filters, repeats, stride in [(64, 3, 2), (128, 4, 2), (256, 6, 2), (512, 3, 1)]:
            for block in range(repeats):
                blocks.append(BottleneckV2(inputs, filters, stride if block == repeats - 1 else 1, block == 0))
                inputs = 4 * filters
        blocks += [nn.BatchNorm2d(inputs), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.Flatten()]
        self.body = nn.Sequential(*blocks)
        self.head = nn.Sequential(nn.Linear(inputs, 96), nn.ReLU(inplace=True), nn.Linear(96, COORDINATES))

    def forward(self, x):
        return self.head(self.body(x))


class MBConv(nn.Module):
    """Widened, filtered a channel at a time, weighted by squeeze-excite, projected; `fused`: one full convolution widens."""

    def __init__(self, inputs, outputs, expand, kernel, stride, activation=nn.SiLU, squeeze=True, fused=False):
        super().__init__()
        wide, squeezed = inputs * expand, max(1, inputs // 4)
        blocks = []
        if fused and expand == 1:
            blocks.append(ConvNorm(inputs, outputs, kernel, stride, activation))
        elif fused:
            blocks.append(ConvNorm(inputs, wide, kernel, stride, activation))
        else:
            if expand > 1:
                blocks.append(ConvNorm(inputs, wide, 1, 1, activation))
            blocks.append(ConvNorm(wide, wide, kernel, stride, activation, groups=wide))
        self.widen = nn.Sequential(*blocks)
        self.squeeze = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(wide, squeezed, 1), nn.SiLU(inplace=True),
                                     nn.Conv2d(squeezed, wide, 1), nn.Sigmoid()) if squeeze else None
        self.project = nn.Identity() if fused and expand == 1 else ConvNorm(wide, outputs, 1)
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x):
        y = self.widen(x)
        if self.squeeze is not None:
            y = y * self.squeeze(y)
        y = self.project(y)
        return y + x if self.adds else y


def scaled(filters, width, guard):
    """Rounded to a multiple of 8; with `guard` never down by more than 10 %."""
    wide = filters * width
    rounded = max(8, int(wide + 4) // 8 * 8)
    return rounded + 8 if guard and rounded < 0.9 * wide else rounded


class EfficientNet(nn.Module):
    """Stages (expand, kernel, stride, outputs, repeats, fused); pads strided convolutions evenly, which costs nothing extra."""

    channels = 3

    def __init__(self, stem, stages, top, activation=nn.SiLU, squeeze=True):
        super().__init__()
        blocks, inputs = [ConvNorm(3, stem, 3, 2, activation)], stem
        for expand, kernel, stride, outputs, repeats, fused in stages:
            for block in range(repeats):
                blocks.append(MBConv(inputs, outputs, expand, kernel, stride if block == 0 else 1, activation,
                                     squeeze and not fused, fused))
                inputs = outputs
        blocks += [ConvNorm(inputs, top, 1, 1, activation), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
        self.body, self.head = nn.Sequential(*blocks), nn.Linear(top, COORDINATES)

    def forward(self, x):
        return self.head(self.body(x))


B0 = [(1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3), (6, 5, 2, 192, 4),
      (6, 3, 1, 320, 1)]
V2_B0 = [(1, 3, 1, 16, 1), (4, 3, 2, 32, 2), (4, 3, 2, 48, 2), (4, 3, 2, 96, 3), (6, 3, 1, 112, 5), (6, 3, 2, 192, 8)]


def efficientnet(width, depth):
    """Table 1 of arXiv:1905.11946, made wider and deeper."""
    stages = [(e, k, s, scaled(o, width, True), math.ceil(depth * r), False) for e, k, s, o, r in B0]
    return EfficientNet(scaled(32, width, True), stages, scaled(1280, width, True))


def efficientnet_v2(width, depth):
    """The first three stages fused and without squeeze-excite (arXiv:2104.00298)."""
    stages = [(e, k, s, scaled(o, width, False), math.ceil(depth * r), i < 3) for i, (e, k, s, o, r) in enumerate(V2_B0)]
    return EfficientNet(scaled(32, width, False), stages, scaled(1280, width, False))


def efficientnet_lite0():
    return EfficientNet(32, [(*stage, False) for stage in B0], 1280, nn.ReLU6, squeeze=False)


NETWORKS = {
    "cnn": Cnn,
    "resnet50": ResNet50,
    "resnet50v2": ResNet50V2,
    "efficientnet_b0": lambda: efficientnet(1.0, 1.0),
    "efficientnet_b7": lambda: efficientnet(2.0, 3.1),
    "efficientnetv2_b3": lambda: efficientnet_v2(1.2, 1.4),
    "efficientnet_lite0": efficientnet_lite0,
}


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


def exact_products(precision):
    """Which products PyTorch may round: none in f32, factors to 10 bits in tf32 and beside bf16."""
    tf32 = precision != "f32"
    torch.backends.cuda.matmul.allow_tf32 = tf32
    torch.backends.cudnn.allow_tf32 = tf32
    torch.backends.cudnn.benchmark = True


def on_cuda(args):
    """A step on the device and what it is of: pictures and targets lie there."""
    exact_products(args.precision)
    network = NETWORKS[args.network]().cuda().to(memory_format=torch.channels_last)
    x = torch.rand(args.batch, network.channels, 96, 96, device="cuda").contiguous(memory_format=torch.channels_last)
    target = torch.rand(args.batch, COORDINATES, device="cuda") - 0.5
    narrow = args.precision == "bf16"
    compiled = (lambda f: torch.compile(f, mode="reduce-overhead")) if args.compile else lambda f: f

    if args.mode == "infer":
        network = folded(network)
        if narrow:  # weights too: autocast would cast them in every step
            network, x = network.bfloat16(), x.bfloat16()
        network = compiled(network)

        @torch.no_grad()
        def infer():
            network(x)

        return infer

    network.train()
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4, fused=True, capturable=True)

    def loss_of(x, target):
        with torch.autocast("cuda", dtype=torch.bfloat16, enabled=narrow):
            answer = network(x)
        return F.mse_loss(answer.float(), target)

    loss_of = compiled(loss_of)

    def train():
        optimizer.zero_grad(set_to_none=True)
        loss_of(x, target).backward()
        optimizer.step()

    return train


def timed_on_cuda(step, samples):
    """Milliseconds of each sample, of many steps in a row."""

    def seconds(steps):
        torch.cuda.synchronize()
        begin = time.perf_counter()
        for _ in range(steps):
            step()
        torch.cuda.synchronize()
        return time.perf_counter() - begin

    seconds(CUDA_WARM_STEPS)
    steps = max(1, math.ceil(CUDA_SAMPLE_SECONDS / (seconds(3) / 3)))
    return [seconds(steps) * 1e3 / steps for _ in range(samples)]


def main_on_cuda(args):
    step = on_cuda(args)
    milliseconds = timed_on_cuda(step, args.steps)
    ms = statistics.median(milliseconds)
    print(json.dumps({
        "program": "torch " + torch.__version__,
        "model": args.network,
        "mode": args.mode,
        "batch": args.batch,
        "device": torch.cuda.get_device_name(),
        "precision": args.precision,
        "compile": args.compile,
        "steps": args.steps,
        "ms": ms,
        "samples_ms": milliseconds,
        "images_per_s": args.batch / ms * 1e3,
        "peak_device_mb": torch.cuda.max_memory_reserved() / 1e6,
    }))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument("mode", choices=["train", "infer", "onnx"])
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--format", choices=["default", "channels_last"], default="default")
    parser.add_argument("--jit", action="store_true", help="inference by frozen TorchScript, optimised for it")
    parser.add_argument("--steps", type=int, default=7)
    parser.add_argument("--calibrate", help="the library of tests/reference/calibrate.cpp; for the CPU")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--precision", choices=["f32", "tf32", "bf16"], default="f32", help="on CUDA")
    parser.add_argument("--compile", action="store_true", help="torch.compile with CUDA graphs; on CUDA")
    args = parser.parse_args()
    warnings.filterwarnings("ignore")
    if args.device == "cuda":
        if not torch.cuda.is_available():
            parser.error("--device cuda: torch sees no GPU")
        if args.mode == "onnx":
            parser.error("onnx: on the CPU alone")
        torch.manual_seed(0)
        main_on_cuda(args)
        return
    if not args.calibrate or args.precision != "f32" or args.compile:
        parser.error("on the CPU --calibrate is needed, --precision and --compile are not known")

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
