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


def network(case):
    from pytorch_networks import ALL3X3, MIXED, Supernet, mbconv, nas_bench
    if case == "supernet_n5":
        return Supernet()
    if case == "mbconv":
        return mbconv()
    if case == "small":
        return nas_bench(8, 1, MIXED)
    return nas_bench(16, 5 if "_n5" in case else 1, ALL3X3 if "all3x3" in case else MIXED)


def pytorch_once(case, variant, seconds, threads):
    """One measurement in this process: prints images/s and peak RSS as JSON."""
    import torch
    from pytorch_networks import PATHS
    torch.manual_seed(1)
    inference = case in INFER
    torch.set_num_threads(1 if inference else threads)
    batch = 1 if inference else 32 if case == "small" else 64
    side = 16 if case == "small" else 32
    net = network(case)
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
