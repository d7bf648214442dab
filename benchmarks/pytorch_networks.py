"""The networks of benchmarks/engine/networks.hpp in PyTorch, for the scripts beside this file."""
import torch
from torch import nn

ALL3X3 = [3] * 6
MIXED = [3, 1, 2, 4, 3, 1]
PATHS = [[4, 2, 1, 4, 4, 0], [0, 1, 3, 3, 2, 3], [2, 4, 0, 1, 3, 2], [3, 3, 4, 2, 0, 1],
         [1, 0, 2, 3, 1, 4], [2, 3, 3, 0, 4, 1], [4, 1, 0, 2, 3, 3], [0, 2, 1, 4, 2, 0]]


def candidate_path(i):
    """Architecture number (7919 i + 4242) mod 15625: its digits in base 5, the lowest one first.

    For all i below 15625 different ones, and over a few dozen each operation about equally often.
    """
    number = (7919 * i + 4242) % 5 ** 6
    return [number // 5 ** edge % 5 for edge in range(6)]


def relu_conv_bn(inputs, outputs, kernel, stride=1):
    return nn.Sequential(nn.ReLU(),
                         nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
                         nn.BatchNorm2d(outputs))


def operation(kind, channels):
    if kind == 2:
        return relu_conv_bn(channels, channels, 1)
    if kind == 3:
        return relu_conv_bn(channels, channels, 3)
    if kind == 4:
        return nn.AvgPool2d(3, 1, 1, count_include_pad=False)
    return None  # 0: nothing, 1: the input itself


class Cell(nn.Module):
    edges = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)]

    def __init__(self, channels, code):
        super().__init__()
        self.code = code
        self.ops = nn.ModuleList(
            nn.ModuleList(o for o in [operation(k, channels)] if o is not None) for k in code)

    def forward(self, x):
        nodes = [x, None, None, None]
        for (source, target), kind, op in zip(self.edges, self.code, self.ops):
            if kind == 0 or nodes[source] is None:
                continue
            y = nodes[source] if kind == 1 else op[0](nodes[source])
            nodes[target] = y if nodes[target] is None else nodes[target] + y
        return nodes[3] if nodes[3] is not None else torch.zeros_like(x)


class SuperCell(nn.Module):
    """Every operation on every edge; forward takes one path."""

    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.ModuleList(relu_conv_bn(channels, channels, 1) for _ in range(6))
        self.conv3 = nn.ModuleList(relu_conv_bn(channels, channels, 3) for _ in range(6))
        self.pool = nn.AvgPool2d(3, 1, 1, count_include_pad=False)

    def forward(self, x, code):
        nodes = [x, None, None, None]
        for e, ((source, target), kind) in enumerate(zip(Cell.edges, code)):
            if kind == 0 or nodes[source] is None:
                continue
            y = nodes[source]
            if kind == 2:
                y = self.conv1[e](y)
            elif kind == 3:
                y = self.conv3[e](y)
            elif kind == 4:
                y = self.pool(y)
            nodes[target] = y if nodes[target] is None else nodes[target] + y
        return nodes[3] if nodes[3] is not None else torch.zeros_like(x)


class Reduction(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.main = nn.Sequential(relu_conv_bn(inputs, outputs, 3, 2),
                                  relu_conv_bn(outputs, outputs, 3))
        self.shortcut = nn.Sequential(nn.AvgPool2d(2),
                                      nn.Conv2d(inputs, outputs, 1, bias=False))

    def forward(self, x):
        return self.main(x) + self.shortcut(x)


def head(channels):
    return [nn.BatchNorm2d(channels), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
            nn.Linear(channels, 10)]


def nas_bench(channels, cells, code):
    layers = [nn.Conv2d(3, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels)]
    for stage in range(3):
        width = channels << stage
        if stage:
            layers.append(Reduction(width // 2, width))
        layers += [Cell(width, code) for _ in range(cells)]
    return nn.Sequential(*layers, *head(4 * channels))


class Supernet(nn.Module):
    def __init__(self, channels=16, cells=5):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, channels, 3, 1, 1, bias=False),
                                  nn.BatchNorm2d(channels))
        self.parts = nn.ModuleList()
        for stage in range(3):
            width = channels << stage
            if stage:
                self.parts.append(Reduction(width // 2, width))
            self.parts.extend(SuperCell(width) for _ in range(cells))
        self.head = nn.Sequential(*head(4 * channels))

    def forward(self, x, code):
        x = self.stem(x)
        for part in self.parts:
            x = part(x, code) if isinstance(part, SuperCell) else part(x)
        return self.head(x)


def conv_bn_swish(inputs, outputs, kernel, stride=1, groups=1):
    return [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
            nn.BatchNorm2d(outputs), nn.Hardswish()]


class MbConv(nn.Module):
    def __init__(self, inputs, middle, outputs, kernel, stride=1):
        super().__init__()
        self.residual = inputs == outputs and stride == 1
        self.body = nn.Sequential(*conv_bn_swish(inputs, middle, 1),
                                  *conv_bn_swish(middle, middle, kernel, stride, middle),
                                  nn.Conv2d(middle, outputs, 1, bias=False),
                                  nn.BatchNorm2d(outputs))

    def forward(self, x):
        return x + self.body(x) if self.residual else self.body(x)


def mbconv():
    return nn.Sequential(*conv_bn_swish(3, 16, 3), MbConv(16, 64, 24, 3, 2),
                         MbConv(24, 72, 24, 3), MbConv(24, 96, 40, 5, 2),
                         MbConv(40, 160, 40, 5), MbConv(40, 240, 80, 3, 2),
                         MbConv(80, 240, 80, 3), *conv_bn_swish(80, 240, 1),
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(240, 10))
