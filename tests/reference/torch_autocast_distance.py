"""How far gradients under PyTorch's autocast in bf16 are from those in f32, on the networks of peer_networks.py.

    python tests/reference/torch_autocast_distance.py efficientnet_b0 efficientnetv2_b3 --batch 24

Prints a line of JSON for each network: |autocast - f32| / |f32| over all gradients of one training step on noise, the
median over some seeds. Pictures are grey and uniform in [0,1], no target is missing, as in
tests/cuda/backbone_gradients_cuda_test.cpp, whose distances scripts/gpu_check.sh compares with these. Needs torch.
"""

import argparse
import json
import statistics

import torch
from torch.nn import functional as F

from peer_networks import COORDINATES, NETWORKS


def gradients(network, x, target, narrow):
    network.zero_grad(set_to_none=True)
    with torch.autocast(x.device.type, dtype=torch.bfloat16, enabled=narrow):
        answer = network(x)
    F.mse_loss(answer.float(), target).backward()
    return torch.cat([p.grad.double().flatten() for p in network.parameters()])


def distance(name, batch, device, seed):
    torch.manual_seed(seed)
    network = NETWORKS[name]().to(device, memory_format=torch.channels_last).train()
    grey = torch.rand(batch, 1, 96, 96, device=device)
    x = grey.repeat(1, network.channels, 1, 1).contiguous(memory_format=torch.channels_last)
    target = torch.rand(batch, COORDINATES, device=device) - 0.5
    exact, narrow = (gradients(network, x, target, narrow) for narrow in (False, True))
    return float((narrow - exact).norm() / exact.norm())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="+", choices=NETWORKS)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cuda")
    args = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    for name in args.networks:
        distances = [distance(name, args.batch, args.device, seed) for seed in range(args.seeds)]
        print(json.dumps({"model": name, "distance": statistics.median(distances), "distances": distances}), flush=True)


if __name__ == "__main__":
    main()
