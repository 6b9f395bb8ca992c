"""A line chart as SVG, with nothing but the standard library: for reports that are opened in a browser."""

from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 420, 64, 24, 48, 56
COLOURS = ("#b3261e", "#1f5fa8", "#2f7d32", "#7a4ea3")
DASHES = ("", "7 4", "2 3", "9 3 2 3")  # told apart without colour too
TICKS = 5
POINTS_MOST = 400

Line = Sequence[tuple[float, float]]


def lines(title: str, across: str, up: str, series: Mapping[str, Line], *, most: tuple[float, float]) -> str:
    """The picture: each series by name, from (0, 0) to `most` = (rightmost, highest)."""
    wide, tall = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    right, top = (max(side, 1e-9) for side in most)

    def place(x: float, y: float) -> str:
        return f"{LEFT + wide * min(x / right, 1):.1f},{TOP + tall * (1 - min(y / top, 1)):.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="24" font-size="16">{escape(title)}</text>',
        f'<text x="{LEFT + wide / 2:.0f}" y="{HEIGHT - 12}" text-anchor="middle">{escape(across)}</text>',
        f'<text transform="translate(16 {TOP + tall / 2:.0f}) rotate(-90)" text-anchor="middle">{escape(up)}</text>',
    ]
    for n in range(TICKS + 1):
        x, y = LEFT + wide * n / TICKS, TOP + tall * (1 - n / TICKS)
        parts += [
            f'<path d="M{LEFT} {y:.1f}H{LEFT + wide}" stroke="#ddd"/>',
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{top * n / TICKS:g}</text>',
            f'<text x="{x:.1f}" y="{TOP + tall + 20}" text-anchor="middle">{right * n / TICKS:g}</text>',
        ]
    for n, (name, line) in enumerate(series.items()):
        colour, dash = COLOURS[n % len(COLOURS)], DASHES[n % len(DASHES)]
        style = f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
        points = " ".join(place(x, y) for x, y in thinned(line))
        y = TOP + 14 + 20 * n
        parts += [
            f'<polyline points="{points}" {style}/>',
            f'<path d="M{LEFT + 12} {y}h32" {style}/>',
            f'<text x="{LEFT + 52}" y="{y + 4}">{escape(name)}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


def thinned(line: Line) -> Line:
    """No more points than a picture can show; the first and the last stay."""
    if len(line) <= POINTS_MOST:
        return line
    step = (len(line) - 1) / (POINTS_MOST - 1)
    return [line[round(n * step)] for n in range(POINTS_MOST)]
