#!/usr/bin/env python3
"""Measures what the compiler takes: seconds of CPU and peak memory, case by case.

usage: measure.py [CASE or GROUP ...] [--repetitions 3] [--dlib DIR] [--json FILE] [--svg FILE]
       measure.py --list

Groups are targets, series and headers; without an argument, targets. A case name may end in * for
all that begin so. Each translation unit is compiled with the flags of our own release programs.
Times are user and system seconds of the compiler and its children, the least of the repetitions
with the largest in brackets; the same headers with an empty body are measured the same way and
taken off, except where headers are the case. Memory is the largest resident set, headers included.

Shared machines change their speed by the hour, up to twice. So a yardstick is compiled in turn with
each repetition, the whole headers of Eigen, oneTBB and Boost.Hana with g++. Next to the seconds
stands what they would be on a machine that takes 1.6 s for the yardstick, as the one does that the
targets were set for: the median over the repetitions of seconds / yardstick * 1.6. Targets are held
against that.
Prints a table; --json also writes a line of JSON a case, --svg the curves of the series.
--svg alone with --read FILE draws the curves of an earlier --json file.

dlib: needs its headers only (Debian: libdlib-dev); --dlib names the directory that holds dlib/.
"""
import argparse
import fnmatch
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import cases
import curves

ROOT = pathlib.Path(__file__).resolve().parents[2]


def flags(compiler, args):
    """What CMakeLists.txt gives our own programs in a Release build."""
    result = ["-std=c++20", "-O2", "-DNDEBUG", "-march=native", "-c"]
    version = subprocess.run([compiler, "-dumpversion"], stdout=subprocess.PIPE, text=True,
                             check=True).stdout.split(".")[0]
    if "clang" not in compiler and version == "12":
        result += ["-mmove-max=128", "-mstore-max=128"]
    result += ["-I", str(ROOT / "include")]
    for directory in args.isystem:
        result += ["-isystem", directory]
    return result


def start(command):
    """Starts a compiler in its place; returns its process."""
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def finish(process, name):
    """Waits; returns CPU seconds and megabytes of the compiler and what it started."""
    message = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode != 0:
        sys.exit(f"measure: {name} does not compile:\n{message}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


class Compiler:
    """Compiles texts and keeps what headers alone take, which cases share."""

    def __init__(self, args, directory):
        self.args = args
        self.directory = directory
        self.headers = {}

    def command(self, case, source):
        command = [self.executable(case), *flags(self.executable(case), self.args)]
        if case.include == "dlib":
            command += ["-isystem", self.args.dlib]
        return command + [str(source), "-o", str(source.with_suffix(".o"))]

    def executable(self, case):
        return {"g++": self.args.gxx, "clang++": self.args.clangxx}[case.compiler]

    def yardstick(self):
        """Seconds for the same text as ever: how fast the machine is just now."""
        text = cases.YARDSTICK
        source = self.source("yardstick", text.headers, text.body)
        return finish(start(self.command(text, source)), "yardstick")[0]

    def source(self, name, headers, body):
        path = self.directory / f"{name}.cpp"
        path.write_text("".join(f"#include <{h}>\n" for h in headers) + body)
        return path

    def times(self, case, body, name):
        """One measurement a repetition: seconds, megabytes, seconds at the reference speed."""
        source = self.source(name, case.headers, body)
        runs = []
        for _ in range(self.args.repetitions):
            yardstick = self.yardstick()
            seconds, memory = finish(start(self.command(case, source)), name)
            runs.append((seconds, memory, seconds * cases.REFERENCE / yardstick))
        return runs

    def alone(self, case):
        """The headers of a case with an empty body: seconds, seconds at the reference speed."""
        key = (tuple(case.headers), case.compiler)
        if key not in self.headers:
            runs = self.times(case, "", f"headers_{len(self.headers)}")
            self.headers[key] = (min(s for s, _, _ in runs),
                                 statistics.median(r for _, _, r in runs))
        return self.headers[key]

    def measure(self, case):
        if case.units > 1:
            return self.measure_wall(case)
        runs = self.times(case, case.body, case.name)
        seconds = [s for s, _, _ in runs]
        base, base_at_reference = (0, 0) if case.alone else self.alone(case)
        at_reference = statistics.median(r for _, _, r in runs) - base_at_reference
        return {"case": case.name, "what": case.what, "series": case.series, "n": case.n,
                "compiler": case.compiler, "seconds": round(min(seconds) - base, 3),
                "seconds_most": round(max(seconds) - base, 3), "headers_seconds": round(base, 3),
                "at_reference": round(at_reference, 3),
                "memory_mb": round(max(m for _, m, _ in runs)), "target_seconds": case.target,
                "target_mb": case.memory_target}

    def measure_wall(self, case):
        """Several files, as many at a time as two cores take: what a person waits."""
        sources = [self.source(f"{case.name}_{k}", case.headers, text)
                   for k, text in enumerate(case.body)]
        walls, at_reference, memory = [], [], 0
        for _ in range(self.args.repetitions):
            yardstick = self.yardstick()
            begin = time.monotonic()
            waiting, running = list(sources), []
            while waiting or running:
                while waiting and len(running) < 2:
                    running.append(start(self.command(case, waiting.pop(0))))
                memory = max(memory, finish(running.pop(0), case.name)[1])
            walls.append(time.monotonic() - begin)
            at_reference.append(walls[-1] * cases.REFERENCE / yardstick)
        return {"case": case.name, "what": case.what, "series": "", "n": 0,
                "compiler": case.compiler, "seconds": round(min(walls), 2),
                "seconds_most": round(max(walls), 2), "headers_seconds": 0,
                "at_reference": round(statistics.median(at_reference), 2),
                "memory_mb": round(memory), "target_seconds": case.target, "target_mb": None}


def chosen(groups, names):
    """The cases that the names mean, each once, in the order of the groups."""
    every = [case for group in groups.values() for case in group]
    wanted = set()
    for name in names:
        found = ({c.name for c in groups[name]} if name in groups
                 else {c.name for c in every if fnmatch.fnmatchcase(c.name, name)})
        if not found:
            sys.exit(f"measure: there is no case '{name}'; --list names them")
        wanted |= found
    return [case for case in every if case.name in wanted]


def row(result):
    target = ""
    if result["target_seconds"] is not None:
        target = f"{result['target_seconds']:g} s"
        met = result["at_reference"] <= result["target_seconds"]
        if result["target_mb"] is not None:
            target += f", {result['target_mb']:g} MB"
            met = met and result["memory_mb"] <= result["target_mb"]
        target += " met" if met else " MISSED"
    return (f"{result['case']:28} {result['seconds']:8.2f} ({result['seconds_most']:.2f}) s "
            f"{result['at_reference']:8.2f} s at reference {result['memory_mb']:6d} MB  {target}")


def summaries(results):
    """Figures that two cases give together."""
    by_name = {r["case"]: r["at_reference"] for r in results}
    for kind in ("training", "inference", "repeat_training", "repeat_inference"):
        ours, theirs = by_name.get(f"residual_{kind}"), by_name.get(f"dlib_{kind}")
        if ours is not None and theirs is not None:
            yield f"residual network, {kind}: {ours / theirs:.2f} of dlib's time (target 0.50)"
    for kind in ("training", "inference"):
        few = by_name.get(f"architectures_{kind}_8")
        many = by_name.get(f"architectures_{kind}_16")
        if few is not None and many is not None:
            goal = " (target 0.50)" if kind == "training" else ""
            yield f"each further architecture, {kind}: {(many - few) / 8:.2f} s{goal}"


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", help="names of cases or groups")
    parser.add_argument("--list", action="store_true", help="names all cases")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--gxx", default="g++", metavar="PROGRAM", help="the g++ that is measured")
    parser.add_argument("--clangxx", default="clang++", metavar="PROGRAM")
    parser.add_argument("--isystem", action="append", default=[], metavar="DIR",
                        help="where dependencies are, if not in the compiler's own directories")
    parser.add_argument("--dlib", metavar="DIR", help="the directory that holds dlib/dnn.h")
    parser.add_argument("--json", metavar="FILE", help="writes a line a case")
    parser.add_argument("--svg", metavar="FILE", help="draws the series that were measured")
    parser.add_argument("--read", metavar="FILE", help="draws an earlier --json file")
    args = parser.parse_args()
    groups = cases.groups(ROOT)
    if args.list:
        for group, members in groups.items():
            print(group)
            for case in members:
                print(f"  {case.name:28} {case.what}")
        return
    if args.read:
        results = [json.loads(line) for line in open(args.read, encoding="utf-8")]
    else:
        results = measure_all(args, chosen(groups, args.cases or ["targets"]))
    for line in summaries(results):
        print(line)
    if args.svg:
        pathlib.Path(args.svg).write_text(curves.picture(results, cases.CURVES), encoding="utf-8")


def measure_all(args, wanted):
    results = []
    out = open(args.json, "w", encoding="utf-8") if args.json else None
    with tempfile.TemporaryDirectory(prefix="tepui_compile_time_") as directory:
        compiler = Compiler(args, pathlib.Path(directory))
        for case in wanted:
            if case.include == "dlib" and not args.dlib:
                print(f"{case.name:28} left out: it needs --dlib", flush=True)
                continue
            if shutil.which(compiler.executable(case)) is None:
                print(f"{case.name:28} left out: there is no {compiler.executable(case)}",
                      flush=True)
                continue
            results.append(compiler.measure(case))
            print(row(results[-1]), flush=True)
            if out:
                print(json.dumps(results[-1]), file=out, flush=True)
    if out:
        out.close()
    return results


if __name__ == "__main__":
    main()
