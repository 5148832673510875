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
from torch.nn import functional as F

from peer_networks import COORDINATES, NETWORKS, folded

WARM_STEPS = 2
BURST_SECONDS = 0.005
REST_SECONDS = 0.05
SAMPLE_SECONDS = 0.02  # a sample of inference repeats what is shorter
CUDA_WARM_STEPS, CUDA_SAMPLE_SECONDS = 11, 0.1  # compiling, recording and cuDNN's search are over after the first


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
    torch.cuda.empty_cache()  # what cuDNN's search took is not what a step takes
    torch.cuda.reset_peak_memory_stats()
    seconds(3)  # asks for its memory again
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
