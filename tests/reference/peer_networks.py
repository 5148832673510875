"""Our networks as PyTorch users write them: modules of torch.nn, pictures n c h w. bench/peer_models.h says where the two differ."""

import math

import torch
from torch import nn
from torch.nn import functional as F

COORDINATES = 30


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


def folded(network):
    """For inference: each batch norm inside the convolution before it."""
    network.eval()
    for module in network.modules():
        if isinstance(module, ConvNorm):
            module.fold()
    return network
