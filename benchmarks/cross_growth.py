"""How do time and memory of the co-location tests grow with the number of rows?

Cross-K on points and on city centroids, the colocation quotient, M and Kd, each whole call in a process of its
own: compiled code loaded by a small call first, then seconds of the clock, and the peak of resident memory above
what stood before (modules and table). The exponent is the slope of log seconds on log n over the three largest n.
Writes docs/cross_growth.md and its figure: `python benchmarks/cross_growth.py`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tables import DOCS, write_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes

AT_KM = np.linspace(5, 50, 10)
DRAWS, LABELLINGS, SMALL, GOAL_S = 199, 999, 400, 60
POINTS = (1_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
WORKS: dict[str, tuple[str, tuple[int, ...]]] = {
    "K": ("cross-K, points", POINTS),
    "centroids": ("cross-K, city centroids", POINTS),
    "quotient": ("quotient", POINTS),
    "M": ("M", POINTS[:4]),
    "Kd": ("Kd", (300, 1_000, 3_000)),
}
LOOK = {
    "K": ("ink", "o"),
    "centroids": ("coast", "s"),
    "quotient": ("hot", "^"),
    "M": ("grey", "D"),
    "Kd": ("country", "v"),
}
"""Colour of the house and mark of each."""
BOX = (4.0, 46.0, 10.0, 52.0)
"""Degrees: Kd's rows lie here, for it takes in every pair of countries, however far apart."""
LEAST = {"seconds": 0.0, "above": 2.0}
"""MiB below which the peak tells nothing: freed memory is used again."""
Row = dict[str, float]


def draw_table(work: str, n: int) -> GeoDataFrame:
    """Scatter rows about cities, or put them on centroids; two kinds, half and half."""
    import geopandas as gpd
    from cross_speed import draw

    rng = np.random.default_rng(n)
    if work == "Kd":
        longitude, latitude, country = draw_in_box(rng, n)
    else:
        rows = draw(rng, n, centroids=work == "centroids", calls=0)
        longitude, latitude, country = rows.longitude, rows.latitude, rows.country
    return gpd.GeoDataFrame(
        {"country": country.astype(str), "kind": np.where(np.arange(n) % 2 == 0, "a", "b")},
        geometry=gpd.points_from_xy(longitude, latitude), crs="EPSG:4326",
    )  # fmt: skip


def draw_in_box(rng: np.random.Generator, n: int) -> tuple[Any, Any, Any]:
    """Scatter rows about places of the box drawn by population, sd 5 km, with the country of the place."""
    from geocluster.datasets import place_arrays

    places = place_arrays()
    west, south, east, north = BOX
    inside = (places.longitude > west) & (places.longitude < east) & (places.latitude > south)
    inside &= places.latitude < north
    share = np.where(inside, places.population, 0.0)
    place = rng.choice(len(share), n, p=share / share.sum())
    away = rng.normal(0, 5 / 111.2, (2, n))
    latitude = places.latitude[place] + away[1]
    return places.longitude[place] + away[0] / np.cos(np.radians(latitude)), latitude, places.country[place]


def make_call(work: str, table: GeoDataFrame, workers: int) -> Callable[[], Any]:
    """Give the call that is timed; the graph of the quotient is built before."""
    from geocluster import build_graph, colocation_test, cross_test

    asked: dict[str, Any] = {"kind": "a", "near_kind": "b", "rng": 1, "workers": workers}
    if work == "quotient":
        graph = build_graph(table, nearest=8)
        return lambda: colocation_test(table, graph, null="permutation", permutations=LABELLINGS, **asked)
    function: Any = work if work in ("M", "Kd") else "K"
    return lambda: cross_test(
        table, function=function, null="labelling", at_km=AT_KM, permutations=DRAWS, **asked
    )  # fmt: skip


def resident_mib(word: str) -> float:
    """Read resident memory now (VmRSS) or at its peak (VmHWM)."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(word)) / 1024


def measure(work: str, n: int, workers: int) -> Row:
    """Time one call in this process, and its peak of memory."""
    warnings.simplefilter("ignore")
    make_call(work, draw_table(work, SMALL), workers)()
    table = draw_table(work, n)
    start = time.perf_counter()
    call = make_call(work, table, workers)
    graph = time.perf_counter() - start
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # the peak begins anew
    before = resident_mib("VmRSS")
    start = time.perf_counter()
    call()
    seconds = time.perf_counter() - start
    return {"n": n, "seconds": seconds, "graph": graph, "before": before, "above": resident_mib("VmHWM") - before}


def exponent(rows: list[Row], name: str) -> str:
    """Slope of a log on log n over the three largest n."""
    told = [row for row in rows if row[name] >= LEAST[name]][-3:]
    if len(told) < 2:
        return "–"
    return f"{np.polyfit(np.log([row['n'] for row in told]), np.log([row[name] for row in told]), 1)[0]:.2f}"


def draw_figure(found: dict[str, list[Row]], path: Path) -> None:
    """Draw seconds and MiB against n, both on logarithmic axes."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    from geocluster.datasets import data_folder
    from geocluster.style import COLOUR, MM_PER_INCH, PAGE_WIDTH_MM, TYPE_PT, parameters, register_fonts

    register_fonts(data_folder() / "fonts")
    wide, high = PAGE_WIDTH_MM, 78.0
    with rc_context(parameters()):
        page = Figure(figsize=(wide / MM_PER_INCH, high / MM_PER_INCH))
        panels = (("a", "seconds", "Seconds of a whole call", 13.0), ("b", "above", "Memory of the call, MiB", 103.0))
        for letter, name, words, left in panels:
            ax = page.add_axes((left / wide, 12 / high, 50 / wide, 56 / high))
            page.text((left - 11) / wide, 73 / high, letter, fontsize=TYPE_PT["panel"], weight="bold")
            page.text(left / wide, 73 / high, words, fontsize=TYPE_PT["axis"], color=COLOUR["grey"])
            lines = {
                work: [(row["n"], row[name]) for row in rows if row[name] >= LEAST[name]]
                for work, rows in found.items()
            }
            lines = {work: line for work, line in lines.items() if line}
            draw_lines(ax, lines, name)
            if name == "seconds":
                ax.axhline(GOAL_S, color=COLOUR["rule"], linewidth=0.8, dashes=(5, 2.2), zorder=0, gid="goal")
                ax.text(1_400_000, GOAL_S, f"{GOAL_S} s", va="center", color=COLOUR["grey"], gid="label:goal")
        page.savefig(path, dpi=200, metadata={"Software": None})


def draw_lines(ax: Axes, lines: dict[str, list[tuple[float, float]]], name: str) -> None:
    """Draw a line a work, its name at its end; where ends meet, one above the other."""
    from geocluster.style import COLOUR

    ax.set(xscale="log", yscale="log", xlim=(250, 1_300_000), xlabel="Rows")
    values = [value for line in lines.values() for _, value in line]
    ax.set_ylim(min(values) / 2, max([*values, GOAL_S if name == "seconds" else 0]) * 2)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}")
    for work, line in lines.items():
        tone, mark = LOOK[work]
        ax.plot(*zip(*line, strict=True), color=COLOUR[tone], marker=mark, markersize=3.5, linewidth=1.2, gid=work)
    height: dict[float, float] = {}
    for work, line in sorted(lines.items(), key=lambda item: item[1][-1][1]):
        n, end = line[-1]
        here = ax.transData.transform((n, end))[1] * 72 / ax.get_figure().dpi
        up = max(0.0, height.get(n, -np.inf) + 8 - here)
        height[n] = here + up
        ax.annotate(
            WORKS[work][0], (n, end), xytext=(5, up), textcoords="offset points", va="center",
            color=COLOUR[LOOK[work][0]], weight="bold", annotation_clip=False, gid=f"label:{work}",
        )  # fmt: skip
    ax.minorticks_off()
    ax.tick_params(length=2.5)
    ax.spines[["top", "right"]].set_visible(False)


def page_lines(found: dict[str, list[Row]], workers: int) -> list[str]:
    """Write the page."""
    lines = [
        f"Whole calls, {workers} threads, seconds of the clock; each measurement in a process of its own, compilation",
        "left out. Memory of the call: the peak above what stood before it (modules, table and, for the quotient, its",
        "graph). *exponent*: slope of the logarithm on log n over the three largest n. Rows as in",
        "`benchmarks/cross_speed.py`, 90 % of them about 300 cities, so that the pairs within 50 km grow with n²; two",
        "kinds, half and half. Cross-K, M and Kd: `cross_test` under relabelling, ten distances to 50 km,",
        f"P = {DRAWS}, both ways of attraction; quotient: `colocation_test`, 8 nearest, {LABELLINGS:,} labellings, by",
        "permutation, seconds of building its graph in brackets. Kd, which needs every pair, on rows about the places",
        f"of a box ({BOX[0]:g}–{BOX[2]:g}° E, {BOX[1]:g}–{BOX[3]:g}° N), sd 5 km. `benchmarks/cross_growth.py`.",
        "",
        "![Seconds and memory against the number of rows](cross_growth.png)",
        "",
        "| | rows | seconds | MiB of the call | MiB in all | bytes a row |",
        "|---|---|---|---|---|---|",
    ]
    for work, rows in found.items():
        for row in rows:
            graph = f" ({row['graph']:.1f})" if work == "quotient" else ""
            lines.append(
                f"| {WORKS[work][0]} | {row['n']:,.0f} | {row['seconds']:.2f}{graph} | {row['above']:,.0f} | "
                f"{row['before'] + row['above']:,.0f} | {row['above'] * 1024**2 / row['n']:,.0f} |"
            )
    lines += ["", "| | exponent of time | of memory |", "|---|---|---|"]
    for work, rows in found.items():
        lines.append(f"| {WORKS[work][0]} | {exponent(rows, 'seconds')} | {exponent(rows, 'above')} |")
    return lines


def main() -> None:
    """Measure all, write table and figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--largest", type=int, default=POINTS[-1])
    parser.add_argument("--one", nargs=2, metavar=("WORK", "N"), help="measure one in this process, and print it")
    chosen = parser.parse_args()
    if chosen.one:
        print(json.dumps(measure(chosen.one[0], int(chosen.one[1]), chosen.workers)))
        return
    found: dict[str, list[Row]] = {}
    for work, (words, sizes) in WORKS.items():
        for n in [n for n in sizes if n <= chosen.largest]:
            call = [sys.executable, __file__, "--one", work, str(n), "--workers", str(chosen.workers)]
            told = subprocess.run(call, capture_output=True, text=True, check=True).stdout
            found.setdefault(work, []).append(json.loads(told.splitlines()[-1]))
            print(words, found[work][-1], flush=True)
    write_table("cross_growth.md", "cross_growth", page_lines(found, chosen.workers))
    draw_figure(found, DOCS / "cross_growth.png")


if __name__ == "__main__":
    main()
