"""How is the table of the clusters drawn?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from geocluster.labels import number, p_value, text
from geocluster.maps.page import CAP, badge_mm, join, put, put_badge, put_rule, shorten, wrap
from geocluster.maps.rows import (
    COUNTRIES_AT,
    FURTHER_MM,
    GROUP_MM,
    HEADER_MM,
    LINE_MM,
    N_AT,
    NAME_AT,
    P_WIDTH,
    SIDE_MM,
    column_ends,
    heading,
)
from geocluster.maps.telling import DEPENDENCE
from geocluster.style import BADGE_MM, BADGE_NATIONAL_MM, COLOUR, POINT_MM, TYPE_PT, ZORDER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from geocluster.maps.rows import Row, Table


def draw_table(
    page: Axes, table: Table, columns: Sequence[str], x0: float, x1: float, top: float, language: str
) -> float:
    """Draw the table down from `top`; return where it ends."""
    grey = COLOUR["grey"]
    shift = max((row.extra for row in table.rows), default=0.0)
    put_rule(page, x0, x1, top, 0.9)
    base = top - 4.5
    put(page, x0 + NAME_AT, base, text("cluster", language), "table_small", gid="table:head", colour=grey)
    put(
        page,
        x0 + N_AT + shift,
        base,
        text("n", language),
        "table_small",
        gid="table:head",
        colour=grey,
        style="italic",
        ha="right",
    )
    put(
        page, x0 + COUNTRIES_AT + shift, base, text("countries", language), "table_small", gid="table:head", colour=grey
    )
    ends = column_ends(x1, len(columns))
    for end, column in zip(ends, columns, strict=True):
        put(
            page,
            end,
            top - 2.5,
            text("p", language),
            "table_small",
            gid="table:head",
            colour=grey,
            style="italic",
            ha="right",
        )
        for i, line in enumerate(wrap(text(column, language), P_WIDTH - 2.0, 5.0, lines=2)):
            artist = put(
                page, end, top - 4.5 - 1.95 * i, line, "table_header", gid=f"table:{column}", colour=grey, ha="right"
            )
            artist.set_fontsize(5.0)
    y = top - HEADER_MM
    put_rule(page, x0, x1, y, 0.5)
    if not table.rows:
        put(page, x0 + NAME_AT, y - 3.4, text("no_clusters", language), "table_small", gid="table:none", colour=grey)
        y -= GROUP_MM
    look = ""
    for row in table.rows:
        if row.look != look:
            if look:
                y -= 0.6
            look = row.look
            put(
                page,
                x0,
                y - 3.15,
                text(heading(look, table.rows), language),
                "table_small",
                gid=f"table:group:{look}",
                weight="bold",
            )
            y -= GROUP_MM
        else:
            put_rule(page, x0, x1, y, 0.3, COLOUR["rule"])
        _draw_row(page, row, x0, ends, y, language)
        y -= row.height()
    if table.further or table.further_national:
        put_rule(page, x0, x1, y, 0.3, COLOUR["rule"])
        key, count = (
            ("further_clusters", table.further + table.further_national)
            if table.further
            else ("further_national", table.further_national)
        )
        put(
            page,
            x0 + NAME_AT,
            y - 2.75,
            text(key, language, count=number(count, language)),
            "table_small",
            gid="table:further",
            colour=grey,
        )
        y -= FURTHER_MM
    put_rule(page, x0, x1, y, 0.9)
    return y


def _draw_row(page: Axes, row: Row, x0: float, ends: Sequence[float], y: float, language: str) -> None:
    national = row.look == "national"
    base = y - 2.85
    middle = base + CAP * TYPE_PT["table"] * POINT_MM
    gid = f"row:{row.badge}"
    put_badge(
        page,
        x0 + BADGE_MM + 0.1,
        middle,
        row.badge,
        look=row.look,
        radius=badge_mm(row.badge, (BADGE_NATIONAL_MM if national else BADGE_MM) - 0.08),
        gid=f"table-badge:{row.badge}",
    )
    lines = row.lines()
    for i, line in enumerate(lines):
        put(
            page,
            x0 + NAME_AT,
            base - i * LINE_MM,
            line,
            "table",
            gid=f"{gid}:name",
            weight="normal" if national else "bold",
        )
    put(page, x0 + N_AT + row.extra, base, str(row.n), "table", gid=f"{gid}:n", ha="right")
    shown = row.countries if len(row.countries) <= 4 else (*row.countries[:3], "…")
    put(page, x0 + COUNTRIES_AT + row.extra, base, join(shown), "table", gid=f"{gid}:countries")
    for i, (end, value) in enumerate(zip(ends, row.p, strict=True)):
        put(
            page,
            end,
            base,
            p_value(float("nan") if national else value, language),
            "table",
            gid=f"{gid}:p{i}",
            ha="right",
        )
    grey = COLOUR["grey"]
    below = base - len(lines) * LINE_MM + 0.05
    for i, note in enumerate(() if row.compact else row.further_lines()):
        words = shorten(note, SIDE_MM - NAME_AT, TYPE_PT["table_small"])
        at = below - (i + (not row.short)) * LINE_MM
        put(page, x0 + NAME_AT, at, words, "table_small", gid=f"{gid}:note{i}", colour=grey)
    if row.short:
        return
    draw_pictogram(page, x0 + NAME_AT, below + 0.75, row.dependence)
    words = text(row.dependence, language) if row.dependence in DEPENDENCE else ""
    put(page, x0 + NAME_AT + 6.0, below, words, "table_small", gid=f"{gid}:dependence", colour=grey)
    put(page, x0 + COUNTRIES_AT, below, join(row.counts[: len(shown)]), "table_small", gid=f"{gid}:counts", colour=grey)
    if row.beside():
        put(
            page,
            ends[-1] if ends else x0 + SIDE_MM,
            below,
            row.interval,
            "table_small",
            gid=f"{gid}:interval",
            colour=grey,
            ha="right",
        )


def draw_pictogram(page: Axes, x: float, y: float, dependence: str) -> None:
    """Draw what a cluster is without its border: dots on both sides of a crimson bar."""
    from matplotlib.collections import EllipseCollection
    from matplotlib.lines import Line2D

    flower = [(0.0, 0.0), (-0.5, 0.5), (0.5, 0.5), (-0.5, -0.5), (0.5, -0.5)]
    sides = {
        "bridged": ([(-1.6 + dx, dy) for dx, dy in flower] + [(1.6 + dx, dy) for dx, dy in flower]),
        "spill-over": [(-1.75 + dx * 1.15, dy * 1.15) for dx, dy in flower]
        + [(-2.7, 0.0), (-0.8, 0.0), (-1.75, 1.0), (-1.75, -1.0)]
        + [(0.85, 0.62), (0.85, -0.62)],
        "border-made": [(-0.85, 0.62), (-0.85, -0.62), (0.85, 0.62), (0.85, -0.62)],
    }
    dots = sides.get(dependence)
    if dots is None:
        return
    bar = x + 2.6
    stroke = Line2D(
        [bar, bar],
        [y - 1.3, y + 1.3],
        color=COLOUR["crimson"],
        linewidth=1.2,
        solid_capstyle="butt",
        zorder=ZORDER["label"],
    )
    stroke.set_gid(f"pictogram:{dependence}")
    page.add_line(stroke)
    if dependence == "bridged":
        bridge = Line2D([bar - 1.6, bar + 1.6], [y, y], color=COLOUR["ink"], linewidth=0.7, zorder=ZORDER["label"])
        bridge.set_gid(f"pictogram:{dependence}:bridge")
        page.add_line(bridge)
    sizes = [0.62] * len(dots)
    page.add_collection(
        EllipseCollection(
            sizes, sizes, [0.0] * len(dots), units="xy", offsets=[(bar + dx, y + dy) for dx, dy in dots],
            offset_transform=page.transData, facecolors=COLOUR["ink"], edgecolors="none", zorder=ZORDER["label"] + 0.1,
            gid=f"pictogram:{dependence}:dots",
        ),
        autolim=False,
    )  # fmt: skip
