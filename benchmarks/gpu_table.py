#!/usr/bin/env python3
"""Writes what scripts/measure_gpu found into docs/performance_gpu.md, between its two markers.

usage: gpu_table.py --results DIR [--page docs/performance_gpu.md]

Reads from DIR, each if it is there:

    machine.json        {"device", "driver", "cuda", "date", "commit"}
    phases.tsv          phase, "done", "failed" or "out of time", seconds
    tests/*.json        reports of GoogleTest
    sanitizers/*.json   the same, of the runs under compute-sanitizer
    engine.jsonl        lines of engine_cuda, as engine_server.py describes them
    comparison.jsonl    lines of compare_pytorch_cuda.py
"""
import argparse
import json
import pathlib
import sys

BEGIN = "<!-- measured: begin -->"
END = "<!-- measured: end -->"


def number(value):
    """Three digits that count, thousands apart: 12,345, 123, 1.23."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(cell.replace("|", "/") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def each(rates, failed, first=None):
    """All variants in words, the fastest first."""
    names = sorted(rates, key=lambda name: (name != first, -rates[name]))
    return "; ".join([f"{name} {number(rates[name])}" for name in names] +
                     [f"{name} failed ({why})" for name, why in failed.items()])


def comparison_row(line):
    best = line.get("pytorch_best")
    ratio, met = "not measured", "-"
    if "ratio" in line:
        ratio = (f"{line['ratio']:.2f} ({line['ratio_low']:.2f}, {line['ratio_high']:.2f};"
                 f" {line['rounds']} rounds)")
        met = "yes" if line["met"] else "no"
    theirs = line.get("pytorch", {})
    return [line["case"], each(line["ours"], line["ours_failed"], line.get("ours_best")),
            f"{best} {number(theirs[best])}" if best else "-", ratio,
            f"{'>=' if line['at_least'] else '<='} {line['target']:g}", met,
            each(theirs, line.get("pytorch_failed", {}), best) or "-"]


def comparison_table(lines):
    """:param lines: those of compare_pytorch_cuda.py that are about cases"""
    return table(["Case", "Tepui", "Best of PyTorch", "Ratio (low, high)", "Target", "Met",
                  "All of PyTorch"], [comparison_row(line) for line in lines])


def figure_row(line):
    if "error" in line:
        return [line["case"], line["math"], line["error"], "", "", "", ""]
    return [line["case"], line["math"], number(line["images_per_second"]),
            f"{1e3 * line['seconds_per_step']:.3g} ms", number(line["tflops"]),
            f"{100 * line['tflops'] / line['roof']:.0f} %",
            f"{line['memory_bytes'] / 2 ** 20:,.0f} MiB"]


def figures_table(lines):
    return table(["Case", "Arithmetic", "Images a second", "Step", "TFLOP/s", "Part of the roof",
                  "Device memory"], [figure_row(line) for line in lines])


def test_rows(folder):
    """Passed, skipped and failed tests of each report; a skipped test is no passed one."""
    rows = []
    for path in sorted(folder.glob("*.json")):
        tests = [test for suite in json.loads(path.read_text())["testsuites"]
                 for test in suite["testsuite"]]
        ran = [test for test in tests if test["status"] == "RUN"]
        skipped = [test for test in ran if test["result"] == "SKIPPED"]
        failed = [test["name"] for test in ran if test.get("failures")]
        rows.append([path.stem, str(len(ran) - len(skipped) - len(failed)), str(len(skipped)),
                     ", ".join(failed) or "0"])
    return rows


def json_lines(path):
    if not path.exists():
        return []
    lines = []
    for line in path.read_text().splitlines():
        try:
            lines.append(json.loads(line))
        except ValueError:  # the last one of a program that was stopped
            print(f"gpu_table: {path.name}: not a line of JSON: {line[:80]}", file=sys.stderr)
    return lines


def section(results):
    """:return: the Markdown between the markers"""
    machine = json.loads((results / "machine.json").read_text())
    figures = json_lines(results / "engine.jsonl")
    about, *comparison = json_lines(results / "comparison.jsonl") or [{}]
    if about.get("scale", "full") != "full":
        sys.exit("gpu_table: the comparison was only a trial of the script")
    facts = [["Device", machine["device"]], ["Driver", machine["driver"]],
             ["CUDA of our programs", machine["cuda"]], ["Date", machine["date"]],
             ["Revision", machine["commit"]],
             ["PyTorch", f"{about['pytorch']}, CUDA {about['cuda']}, cuDNN {about['cudnn']}"
              if about else "not there"]]
    parts = [table(["Machine", ""], facts)]
    if (results / "phases.tsv").exists():
        rows = [line.split("\t") for line in (results / "phases.tsv").read_text().splitlines()]
        parts.append(table(["Phase", "Came to", "Seconds"], rows))
    for title, folder in [("Tests on the device", "tests"), ("Under", "sanitizers")]:
        rows = test_rows(results / folder)
        if rows:
            parts.append(table([title, "Passed", "Skipped", "Failed"], rows))
    if comparison:
        parts.append("Beside PyTorch, images a second; for `sam_256` seconds of a SAM step in "
                     "those of an SGD step.\n\n" + comparison_table(comparison))
    if figures:
        parts.append("Each case alone.\n\n" + figures_table(figures))
    return "\n\n".join(parts)


def between_markers(page, text):
    """:return: the page with `text` in place of what its markers enclose"""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f"gpu_table: the page has no {BEGIN} ... {END}")
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{after}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=pathlib.Path, required=True)
    parser.add_argument("--page", type=pathlib.Path, default=pathlib.Path(__file__).resolve()
                        .parent.parent / "docs" / "performance_gpu.md")
    args = parser.parse_args()
    page = args.page.read_text()
    args.page.write_text(between_markers(page, section(args.results)))


if __name__ == "__main__":
    main()
