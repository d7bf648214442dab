#!/usr/bin/env python3
"""Times the engine and PyTorch in turn on the same networks, and prints ratios with their spread.

usage: compare_pytorch.py --engine build/release/benchmarks/engine [--cases all3x3_n5 ...]
                          [--rounds 3] [--seconds 3] [--threads 2]

For every case PyTorch runs in its default memory layout and channels-last, for inference also
traced and frozen; the best of its variants counts. One process a measurement, systems in turn, so
that both meet the same machine; it should be idle (OpenMP spins when a core is busy, and
OMP_WAIT_POLICY=passive, set here, only softens that). Prints a line of JSON a case.
Needs PyTorch 1.10 or later (Debian: python3-torch).
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time

TRAIN = ["all3x3_n5", "all3x3_n5_winograd", "mixed_n5", "mixed_n1", "small", "supernet_n5",
         "mbconv"]
INFER = ["infer_all3x3_n5", "infer_mixed_n1"]
ALL3X3 = [3] * 6
MIXED = [3, 1, 2, 4, 3, 1]
PATHS = [[4, 2, 1, 4, 4, 0], [0, 1, 3, 3, 2, 3], [2, 4, 0, 1, 3, 2], [3, 3, 4, 2, 0, 1],
         [1, 0, 2, 3, 1, 4], [2, 3, 3, 0, 4, 1], [4, 1, 0, 2, 3, 3], [0, 2, 1, 4, 2, 0]]


def networks():
    """Builders of the same networks as benchmarks/engine/networks.hpp."""
    import torch
    from torch import nn

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
                nn.ModuleList(o for o in [operation(k, channels)] if o is not None)
                for k in code)

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

    return {"all3x3_n5": lambda: nas_bench(16, 5, ALL3X3),
            "all3x3_n5_winograd": lambda: nas_bench(16, 5, ALL3X3),
            "mixed_n5": lambda: nas_bench(16, 5, MIXED),
            "mixed_n1": lambda: nas_bench(16, 1, MIXED),
            "small": lambda: nas_bench(8, 1, MIXED),
            "supernet_n5": Supernet, "mbconv": mbconv,
            "infer_all3x3_n5": lambda: nas_bench(16, 5, ALL3X3),
            "infer_mixed_n1": lambda: nas_bench(16, 1, MIXED)}


def pytorch_once(case, variant, seconds, threads):
    """One measurement in this process: prints images/s and peak RSS as JSON."""
    import torch
    torch.manual_seed(1)
    inference = case in INFER
    torch.set_num_threads(1 if inference else threads)
    batch = 1 if inference else 32 if case == "small" else 64
    side = 16 if case == "small" else 32
    net = networks()[case]()
    x = torch.randn(batch, 3, side, side)
    if "channels_last" in variant:
        net = net.to(memory_format=torch.channels_last)
        x = x.contiguous(memory_format=torch.channels_last)
    if inference:
        net.eval()
        with torch.no_grad():
            if "traced" in variant:
                net = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(net, x)))

            def step():
                with torch.no_grad():
                    net(x)
            measure(step, batch, seconds)
        return
    labels = torch.arange(batch) % 10
    optimizer = torch.optim.SGD(net.parameters(), 1e-3, 0.9)
    loss = torch.nn.CrossEntropyLoss()

    def step(*path):
        optimizer.zero_grad(set_to_none=True)
        loss(net(x, *path), labels).backward()
        optimizer.step()

    def all_paths():
        for path in PATHS:
            step(path)
    if case == "supernet_n5":
        measure(all_paths, batch * len(PATHS), seconds)
    else:
        measure(step, batch, seconds)


def measure(step, batch, seconds):
    """The median step counts, as in the engine: others on the machine slow some steps down."""
    for _ in range(3):
        step()
    times, begin = [], time.perf_counter()
    while len(times) < 3 or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"images_per_second": batch / statistics.median(times), "peak_rss_mb": rss}))


def last_json(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "OMP_WAIT_POLICY": "passive"})
    if done.returncode != 0:
        sys.exit(f"compare_pytorch: {command[0]} ended with {done.returncode}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def compare(args, case):
    variants = ["default", "channels_last"]
    if case in INFER:
        variants += ["traced", "channels_last_traced"]
    ours, theirs = [], {v: [] for v in variants}
    for _ in range(args.rounds):
        ours.append(last_json([args.engine, "--case", case, "--seconds", str(args.seconds),
                               "--threads", str(args.threads)]))
        for variant in variants:
            theirs[variant].append(last_json(
                [sys.executable, os.path.abspath(__file__), "--one", case, variant,
                 "--seconds", str(args.seconds), "--threads", str(args.threads)]))
    rates = [r["images_per_second"] for r in ours]
    medians = {v: statistics.median(r["images_per_second"] for r in runs)
               for v, runs in theirs.items()}
    best = max(medians, key=medians.get)
    ratios = [a / b["images_per_second"] for a, b in zip(rates, theirs[best])]
    return {"case": case, "ratio": round(statistics.median(ratios), 2),
            "ratio_low": round(min(ratios), 2), "ratio_high": round(max(ratios), 2),
            "images_per_second": round(statistics.median(rates), 1),
            "fraction_of_peak": statistics.median(r["fraction_of_peak"] for r in ours),
            "pytorch": {v: round(m, 1) for v, m in medians.items()}, "pytorch_best": best,
            "peak_rss_mb": round(ours[-1]["peak_rss_mb"]),
            "pytorch_peak_rss_mb": round(theirs[best][-1]["peak_rss_mb"])}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", default="build/release/benchmarks/engine")
    parser.add_argument("--cases", nargs="+", default=TRAIN + INFER)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--one", nargs=2, metavar=("CASE", "VARIANT"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        pytorch_once(*args.one, args.seconds, args.threads)
        return
    for case in args.cases:
        print(json.dumps(compare(args, case)), flush=True)


if __name__ == "__main__":
    main()
