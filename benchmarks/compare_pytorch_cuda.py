#!/usr/bin/env python3
"""Times engine_cuda and PyTorch on one GPU in turn, and prints ratios with their spread.

usage: compare_pytorch_cuda.py --engine build/release/benchmarks/engine_cuda [--output FILE]
                               [--cases train_mixed_256 ...] [--rounds 5] [--seconds 0.5]
                               [--total-seconds 400] [--compile-mode reduce-overhead]

Cases (NAS-Bench-201 with N=5 on 32x32 images of 10 classes; "_256" and "_64" are batch sizes):

    conv3x3_64                        3x3 convolution, 64 channels, batch 256, and both gradients
    sam_256, sgd_256                  steps of either optimizer, ours only: what one costs in the other
    supernet_256                      training steps along eight paths, others each time
    fval_64                           64 candidates: losses on 10,000 images at three noise levels
    train_mixed_256, train_mixed_64   training steps of the mixed cell,
    train_all3x3_256, train_all3x3_64 of the cell of 3x3 convolutions

A training step is forward, loss, backward and SGD with momentum on a batch that is on the device.
PyTorch runs in FP32 (TF32 off), channels-last in TF32, channels-last in BF16 (autocast); on the
fastest of the three also as a CUDA graph of the whole step, with torch.compile, and with both. Paths
of the supernet are random, so that nothing is compiled or captured for one, except that F_val replays
a graph for the batches of each candidate. What fails is named with its reason and left out. The best
variant counts, against the fastest arithmetic of ours.

A round measures every variant and every arithmetic of ours once, one after another; rates are
medians of rounds, the ratio is the median of those of rounds. Between two synchronisations lie whole
steps. All variants of a case are on the device at once (some 50 GB for the largest).

Our program is asked as engine_server.py says. With --total-seconds cases share the time, the cheap
ones first; what is not prepared in its share counts as failed, and rounds may be fewer. A line of
JSON a case goes to --output as soon as it is measured, after one about the machine; a table in
Markdown to standard output. `--device cpu --scale tiny` tries the script without a GPU; its figures
mean nothing. Needs PyTorch 2.4 or later; torch.compile also Triton and a C compiler.
"""
import argparse
import contextlib
import datetime
import gc
import json
import signal
import statistics
import sys
import time
from dataclasses import dataclass

import torch
from engine_server import EngineError, EngineServer
from gpu_table import comparison_table
from pytorch_cuda_variants import SCALES, Case, on_gpu, set_arithmetic


@dataclass(frozen=True)
class Target:
    value: float
    at_least: bool = True
    maths: tuple = ("bf16", "tf32", "exact")  # arithmetics of ours that are measured


TARGETS = {"conv3x3_64": Target(0.5, maths=("bf16",)),
           "sam_256": Target(2.05, at_least=False),
           "supernet_256": Target(5), "fval_64": Target(4),
           "train_mixed_256": Target(2), "train_all3x3_256": Target(2),
           "train_mixed_64": Target(4), "train_all3x3_64": Target(4)}


class TookTooLong(BaseException):
    """Not an Exception, so that no library takes it for a failure that it can go on after."""


@contextlib.contextmanager
def time_limit(seconds):
    """Interrupts what is inside after so many seconds."""
    def stop(*_):
        raise TookTooLong()
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def reason(error):
    first = next((line for line in str(error).splitlines() if line.strip()), "")
    return f"{type(error).__name__}: {first.strip()}"[:200]


def seconds_of(step, count, device):
    if on_gpu(device):
        torch.cuda.synchronize()
    begin = time.perf_counter()
    for _ in range(count):
        step()
    if on_gpu(device):
        torch.cuda.synchronize()
    return time.perf_counter() - begin


def images_per_second(variant, case, seconds):
    """Of the median of up to five groups of steps; a step that takes all the time is one."""
    set_arithmetic(variant.arithmetic)
    one = seconds_of(variant.step, 1, case.device)
    if one >= seconds:
        return case.images / one
    groups = max(1, min(5, int(seconds / one)))
    steps = max(1, int(seconds / groups / one))
    times = [seconds_of(variant.step, steps, case.device) for _ in range(groups)]
    return case.images * steps / statistics.median(times)


def prepare(case, makers, seconds_each, trial_seconds, failed):
    """:return: variants that work, with images a second of a trial; `failed` gets the reasons"""
    ready = []
    for index, (name, make) in enumerate(makers):
        try:
            with time_limit(seconds_each(len(makers) - index)):
                variant = make()
                variant.step()
                ready.append((variant, images_per_second(variant, case, trial_seconds)))
        except TookTooLong:
            failed[name] = "not ready in its share of the time"
        except Exception as error:  # whatever it is: the other variants count
            failed[name] = reason(error)
    return ready


def prepare_all(name, args, deadline, failed):
    """:return: the case and the variants of it that work"""
    case = Case(name, SCALES[args.scale], args.device, args.compile_mode)

    def share(left):
        reserved = 8 * args.rounds * args.seconds
        return max(6.0, (deadline - time.monotonic() - reserved) / left)

    def makers_of(pairs, arithmetic_of):
        def made(make, label):
            def build():
                set_arithmetic(arithmetic_of(label))
                return make()
            return build
        return [(label, made(make, label)) for label, make in pairs]
    eager = case.eager()
    arithmetics = {"eager_fp32": "exact", "channels_last_tf32": "tf32"}
    ready = prepare(case, makers_of(eager, lambda label: arithmetics.get(label, "bf16")), share,
                    args.seconds / 2, failed)
    if not ready:
        return case, []
    fastest = max(ready, key=lambda pair: pair[1])[0]
    ready += prepare(case, makers_of(case.further(fastest), lambda _: fastest.arithmetic), share,
                     args.seconds / 2, failed)
    return case, [variant for variant, _ in ready]


def ask(server, name, math, args, into, failed):
    if math in failed:
        return
    try:
        into.setdefault(math, []).append(server.measure(name, math, args.seconds))
    except EngineError as error:
        failed[math] = str(error)
        into.pop(math, None)


def spread(ratios):
    return {"ratio": statistics.median(ratios), "ratio_low": min(ratios),
            "ratio_high": max(ratios), "rounds": len(ratios)}


def judged(result, target):
    if "ratio" in result:
        result["met"] = (result["ratio"] >= target.value if target.at_least
                         else result["ratio"] <= target.value)
    return result


def medians(runs):
    return {name: statistics.median(values) for name, values in runs.items()}


def compare(name, args, server, deadline):
    """:return: the line of a case that both compute"""
    target = TARGETS[name]
    failed, ours_failed, answers, theirs = {}, {}, {}, {}
    case, variants = prepare_all(name, args, deadline, failed)
    for done in range(args.rounds):
        if done > 0 and time.monotonic() > deadline:
            break
        for math in target.maths:
            ask(server, name, math, args, answers, ours_failed)
        for variant in list(variants):
            try:
                theirs.setdefault(variant.name, []).append(
                    images_per_second(variant, case, args.seconds))
            except Exception as error:
                failed[variant.name] = reason(error)
                theirs.pop(variant.name)
                variants.remove(variant)
    ours = {m: [a["images_per_second"] for a in runs] for m, runs in answers.items()}
    result = {"case": name, "target": target.value, "at_least": target.at_least,
              "ours": medians(ours), "ours_failed": ours_failed,
              "pytorch": medians(theirs), "pytorch_failed": failed}
    if ours and theirs:
        math = max(ours, key=lambda m: result["ours"][m])
        best = max(theirs, key=lambda v: result["pytorch"][v])
        result |= {"ours_best": math, "pytorch_best": best}
        result |= spread([a / b for a, b in zip(ours[math], theirs[best])])
    return judged(result, target)


def compare_sam(name, args, server, deadline):
    """:return: the line of SAM's cost in SGD's; of the arithmetics the one where it is largest"""
    target = TARGETS[name]
    ours_failed, sam, sgd = {}, {}, {}
    for done in range(args.rounds):
        if done > 0 and time.monotonic() > deadline:
            break
        for math in target.maths:
            ask(server, "sgd_256", math, args, sgd, ours_failed)
            ask(server, "sam_256", math, args, sam, ours_failed)
    ratios = {m: [a["seconds_per_step"] / b["seconds_per_step"] for a, b in zip(sam[m], sgd[m])]
              for m in sam if m in sgd}
    result = {"case": name, "target": target.value, "at_least": target.at_least,
              "ours_failed": ours_failed, "ours": medians(ratios)}
    if ratios:
        math = max(ratios, key=lambda m: result["ours"][m])
        result |= {"ours_best": math} | spread(ratios[math])
    return judged(result, target)


def free():
    gc.collect()
    torch.compiler.reset()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def about(args):
    gpu = on_gpu(args.device)
    return {"pytorch": torch.__version__, "scale": args.scale,
            "device": torch.cuda.get_device_name(args.device) if gpu else args.device,
            "cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version() if gpu else None,
            "date": datetime.date.today().isoformat()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", required=True)
    parser.add_argument("--output", default="compare_pytorch_cuda.jsonl")
    parser.add_argument("--cases", nargs="+", default=list(TARGETS), choices=list(TARGETS),
                        metavar="CASE")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--total-seconds", type=float, default=3600)
    parser.add_argument("--compile-mode", default="reduce-overhead",
                        choices=["reduce-overhead", "max-autotune"])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--scale", default="full", choices=list(SCALES))
    args = parser.parse_args()
    if on_gpu(args.device) and not torch.cuda.is_available():
        sys.exit("compare_pytorch_cuda: PyTorch sees no GPU")
    torch.manual_seed(1)
    end = time.monotonic() + args.total_seconds
    server = EngineServer(args.engine)
    lines = [about(args)]
    with open(args.output, "w", encoding="utf-8") as output:
        print(json.dumps(lines[0]), file=output, flush=True)
        for index, name in enumerate(args.cases):
            now = time.monotonic()
            deadline = now + max(0.0, end - now) / (len(args.cases) - index)
            run = compare_sam if name == "sam_256" else compare
            lines.append(run(name, args, server, deadline))
            print(json.dumps(lines[-1]), file=output, flush=True)
            free()
    server.close()
    print(comparison_table(lines[1:]))


if __name__ == "__main__":
    main()
