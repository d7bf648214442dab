#!/usr/bin/env python3
"""Trains the same network with the same recipe in PyTorch and in Tepui, and compares accuracies.

usage: compare_training.py --data CIFAR10_DIR --program build/.../nas_bench_201_training
                           [--images 20000] [--epochs 6] [--seeds 1 2 3] [--threads 2]

Network: NAS-Bench-201, 16 channels, one cell a stage, the cell that repeats a residual block of two
3x3 convolutions. Recipe: SGD with Nesterov momentum 0.9, learning rate 0.1 with a cosine per epoch,
weight decay 5e-4, batch 128, flip and crop with padding 4. Prints one JSON line a run and a summary.
PyTorch of any version is needed (Debian: python3-torch); it plays no other part in the project.
"""
import argparse
import json
import math
import os
import subprocess
import time

import numpy as np
import torch
from torch import nn


def load(directory, names):
    raw = np.concatenate([np.fromfile(os.path.join(directory, n), np.uint8) for n in names])
    raw = raw.reshape(-1, 3073)
    return raw[:, 1:].reshape(-1, 3, 32, 32), raw[:, 0].astype(np.int64)


def relu_conv_bn(inputs, outputs, stride=1):
    return nn.Sequential(nn.ReLU(), nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
                         nn.BatchNorm2d(outputs))


class Cell(nn.Module):
    """x + conv(conv(x)): edges 0-1 and 1-2 are 3x3 convolutions, 0-3 and 2-3 skips."""

    def __init__(self, channels):
        super().__init__()
        self.first = relu_conv_bn(channels, channels)
        self.second = relu_conv_bn(channels, channels)

    def forward(self, x):
        return x + self.second(self.first(x))


class Reduction(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.main = nn.Sequential(relu_conv_bn(inputs, outputs, 2), relu_conv_bn(outputs, outputs))
        self.shortcut = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(inputs, outputs, 1, bias=False))

    def forward(self, x):
        return self.main(x) + self.shortcut(x)


def network():
    return nn.Sequential(nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), Cell(16),
                         Reduction(16, 32), Cell(32), Reduction(32, 64), Cell(64),
                         nn.BatchNorm2d(64), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                         nn.Linear(64, 10))


MEAN = torch.tensor([125.3, 123.0, 113.9]).view(1, 3, 1, 1) / 255
DEVIATION = torch.tensor([63.0, 62.1, 66.7]).view(1, 3, 1, 1) / 255


def normalise(images):
    return (torch.from_numpy(images).float() / 255 - MEAN) / DEVIATION


def augment(images, rng):
    """Black padding of 4 and random crop, flip with probability 1/2, sample by sample."""
    padded = np.pad(images, ((0, 0), (0, 0), (4, 4), (4, 4)))
    out = np.empty_like(images)
    for i in range(len(images)):
        y, x = rng.integers(0, 9, 2)
        crop = padded[i, :, y:y + 32, x:x + 32]
        out[i] = crop[:, :, ::-1] if rng.integers(2) else crop
    return out


def train(args, seed, train_set, test_set):
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = network().to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(net.parameters(), 0.1, 0.9, nesterov=True, weight_decay=5e-4)
    images, labels = train_set
    begin = time.time()
    for epoch in range(args.epochs):
        for group in optimizer.param_groups:
            group["lr"] = 0.1 * (1 + math.cos(math.pi * epoch / args.epochs)) / 2
        net.train()
        order = rng.permutation(len(images))
        for k in range(0, len(order), 128):
            chosen = order[k:k + 128]
            x = normalise(augment(images[chosen], rng)).to(memory_format=torch.channels_last)
            loss = nn.functional.cross_entropy(net(x), torch.from_numpy(labels[chosen]))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    seconds = time.time() - begin
    net.eval()
    correct = 0
    with torch.no_grad():
        for k in range(0, len(test_set[0]), 250):
            scores = net(normalise(test_set[0][k:k + 250]))
            correct += int((scores.argmax(1).numpy() == test_set[1][k:k + 250]).sum())
    return {"seed": seed, "accuracy": correct / len(test_set[0]), "seconds": round(seconds, 1)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True)
    parser.add_argument("--program", required=True)
    parser.add_argument("--images", type=int, default=20000)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    args = parser.parse_args()
    torch.set_num_threads(args.threads)

    images, labels = load(args.data, [f"data_batch_{i}.bin" for i in range(1, 6)])
    train_set = images[:args.images], labels[:args.images]
    test_set = load(args.data, ["test_batch.bin"])
    accuracies = {"tepui": [], "pytorch": []}
    for seed in args.seeds:  # in turn, so that both meet the same machine
        printed = subprocess.run(
            [args.program, "--data", args.data, "--images", str(args.images), "--epochs",
             str(args.epochs), "--threads", str(args.threads), "--seeds", str(seed)],
            check=True, capture_output=True, text=True).stdout
        ours = json.loads(printed)
        theirs = train(args, seed, train_set, test_set)
        for name, run in (("tepui", ours), ("pytorch", theirs)):
            accuracies[name].append(100 * run["accuracy"])
            print(json.dumps({"system": name, **run}), flush=True)
    means = {name: float(np.mean(values)) for name, values in accuracies.items()}
    deviations = {name: float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
                  for name, values in accuracies.items()}
    for name in means:
        print(f"{name}: {means[name]:.2f} +- {deviations[name]:.2f} % over {len(args.seeds)} seeds")
    print(f"difference: {means['tepui'] - means['pytorch']:+.2f} points")


if __name__ == "__main__":
    main()
