"""Draws series of compile times as one SVG picture; standard library only."""
from xml.sax.saxutils import escape

COLOURS = ["#0072b2", "#d55e00", "#009e73"]  # apart for the colour-blind, too
DASHES = ["", "7 4", "2 3"]
WIDTH, HEIGHT = 420, 340
LEFT, RIGHT, TOP, BOTTOM = 62, 18, 92, 48  # the legend is above the curves, three lines at most


def step_below(most, parts):
    """The round step (1, 2 or 5 times a power of ten) that makes about so many parts."""
    step = 10.0 ** -6
    while True:
        for factor in (1, 2, 5):
            if step * factor * parts >= most:
                return step * factor
        step *= 10


class Panel:
    """One coordinate system: a quantity against one kind of count."""

    def __init__(self, title, across, up, lines, x, y):
        self.title, self.across, self.up, self.lines = title, across, up, lines
        self.x, self.y = x, y
        self.most_n = max(n for _, points in lines for n, _ in points)
        self.most = max(v for _, points in lines for _, v in points) * 1.05
        self.step = step_below(self.most, 6)
        self.most = self.step * -(-self.most // self.step)

    def place(self, n, value):
        return (self.x + LEFT + (WIDTH - LEFT - RIGHT) * n / self.most_n,
                self.y + HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / self.most)

    def grid(self):
        left, bottom = self.place(0, 0)
        right, top = self.place(self.most_n, self.most)
        value = 0.0
        while value <= self.most * 1.001:
            _, y = self.place(0, value)
            yield f'<line x1="{left}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" class="grid"/>'
            yield f'<text x="{left - 7}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>'
            value = round(value + self.step, 9)
        for n in sorted({n for _, points in self.lines for n, _ in points}):
            x, _ = self.place(n, 0)
            yield f'<line x1="{x:.1f}" y1="{bottom}" x2="{x:.1f}" y2="{bottom + 5}" class="axis"/>'
            if n * 22 >= self.most_n or n == 0:  # small counts would run into each other
                yield f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{n}</text>'
        yield (f'<path d="M{left} {top}V{bottom}H{right}" class="axis"/>')

    def curve(self, index, name, points):
        colour, dash = COLOURS[index % 3], DASHES[index % 3]
        places = [self.place(n, v) for n, v in sorted(points)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        yield (f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" '
               f'stroke-dasharray="{dash}"/>')
        for x, y in places:
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'
        x, y = self.x + LEFT, self.y + 38 + 17 * index
        yield (f'<line x1="{x}" y1="{y}" x2="{x + 26}" y2="{y}" stroke="{colour}" '
               f'stroke-width="2" stroke-dasharray="{dash}"/>')
        yield f'<text x="{x + 32}" y="{y + 4}" class="legend">{escape(name)}</text>'

    def text(self):
        yield f'<text x="{self.x + LEFT}" y="{self.y + 22}" class="title">{escape(self.title)}</text>'
        yield from self.grid()
        for index, (name, points) in enumerate(self.lines):
            yield from self.curve(index, name, points)
        middle = self.x + LEFT + (WIDTH - LEFT - RIGHT) / 2
        yield (f'<text x="{middle:.1f}" y="{self.y + HEIGHT - 10}" text-anchor="middle">'
               f'{escape(self.across)}</text>')
        x, y = self.x + 15, self.y + TOP + (HEIGHT - TOP - BOTTOM) / 2
        yield (f'<text x="{x}" y="{y:.1f}" text-anchor="middle" '
               f'transform="rotate(-90 {x} {y:.1f})">{escape(self.up)}</text>')


def picture(results, names):
    """@param results as measure.py writes them   @param names series: (axis, name of the curve)"""
    axes = []
    for axis, _ in names.values():
        if axis not in axes:
            axes.append(axis)
    panels = []
    for axis in axes:
        lines = {"at_reference": [], "memory_mb": []}
        for series, (of_axis, name) in names.items():
            of_series = [r for r in results if r["series"] == series]
            if of_axis != axis or not of_series:
                continue
            for quantity, curves in lines.items():
                curves.append((name, [(r["n"], max(r[quantity], 0)) for r in of_series]))
        if not lines["at_reference"]:
            continue
        y = HEIGHT * (len(panels) // 2)
        panels.append(Panel(f"Seconds of CPU by {axis}", f"number of {axis}",
                            "seconds at reference speed, without headers", lines["at_reference"], 0, y))
        panels.append(Panel(f"Memory by {axis}", f"number of {axis}", "peak in MB, with headers",
                            lines["memory_mb"], WIDTH, y))
    if not panels:
        raise SystemExit("curves: none of the results belongs to a series")
    width, height = 2 * WIDTH, HEIGHT * (len(panels) // 2)
    body = "\n".join(line for panel in panels for line in panel.text())
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" \
viewBox="0 0 {width} {height}" role="img" aria-label="Compile time and memory against size">
<style>
text {{ font: 12px sans-serif; fill: #222; }}
.title {{ font-size: 14px; font-weight: bold; }}
.grid {{ stroke: #ddd; }}
.axis {{ stroke: #222; fill: none; }}
</style>
<rect width="{width}" height="{height}" fill="white"/>
{body}
</svg>
"""
