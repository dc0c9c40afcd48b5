"""How is a place drawn that is hot, cold, or neither, at home or by its neighbours abroad?

Colour tells the dependence on the border (crimson: across it), shape or hatching the verdict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocluster.style import COLOUR, POINT_MM, WIDTH_PT, ZORDER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geopandas import GeoDataFrame
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection
    from numpy.typing import NDArray

LOOKS = ("border-made", "joint", "national")
"""In the order of the key."""
SIGNS = {
    "high-high": "high", "hot": "hot", "alike": "alike",
    "low-low": "low", "cold": "cold",
    "high-low": "mixed", "low-high": "mixed", "unlike": "mixed",
}  # fmt: skip
MARKER = {"high": "o", "hot": "o", "alike": "o", "low": "v", "cold": "v", "mixed": "D"}
SIZE_MM = {"o": 1.55, "v": 1.65, "D": 1.3}
HATCH = {"v": "/////", "D": "xxxx"}
FILL = {
    "border-made": COLOUR["crimson"], "joint": COLOUR["hot"], "national": COLOUR["hot"], "any": COLOUR["national"],
}  # fmt: skip
"""By look; 'any' is for the key."""
EDGE = {"border-made": COLOUR["crimson_edge"], "joint": COLOUR["crimson"], "national": "white", "any": "white"}
EDGE_PT = {"border-made": 0.6, "joint": 0.9, "national": WIDTH_PT["edge"], "any": WIDTH_PT["edge"]}
QUIET_MM = 0.85
DOT = 0.36
"""Of the size of a place that needs its neighbours abroad: the white dot in it."""


def signs_of(verdicts: Iterable[object]) -> NDArray[np.object_]:
    """Tell which sign each verdict is drawn with; empty for what is not significant.

    Examples
    --------
    >>> signs_of(["high-high", "not significant", "cold"]).tolist()
    ['high', '', 'cold']
    """
    return np.array([SIGNS.get(str(word), "") for word in verdicts], dtype=object)


def draw_places(
    ax: Axes, xy: NDArray[np.float64], verdicts: Iterable[object], looks: Iterable[object], *, scale: float = 1.0
) -> None:
    """Draw points: first what is not significant, then the others, what crosses a border on top.

    Parameters
    ----------
    ax : Axes
    xy : ndarray, shape (n, 2)
        In its coordinates.
    verdicts, looks : iterable of str
        Verdict and dependence of each.
    scale : float
        Of the marks.
    """
    words = np.array([str(word) for word in verdicts], dtype=object)
    sign, look = signs_of(words), np.array([str(word) for word in looks], dtype=object)
    for word, marker in (("not tested", "x"), ("not significant", "o")):
        chosen = xy[words == word]
        if len(chosen):
            quiet_mark(ax, chosen, marker, scale=scale).set_gid(f"quiet:{word}")
    for name in reversed(LOOKS):
        for kind, marker in MARKER.items():
            chosen = xy[(look == name) & (sign == kind)]
            if len(chosen):
                place_mark(ax, chosen, name, marker, scale=scale, gid=f"place:{name}:{kind}")


def place_mark(ax: Axes, xy: NDArray[np.float64], look: str, marker: str, *, scale: float, gid: str) -> None:
    """Draw significant places of one look and sign."""
    size = (SIZE_MM[marker] * scale / POINT_MM) ** 2
    layer = ZORDER["point"] + 0.1 * (LOOKS[::-1].index(look) if look in LOOKS else 0)
    dots = ax.scatter(
        xy[:, 0], xy[:, 1], s=size, marker=marker, facecolors=FILL[look], edgecolors=EDGE[look],
        linewidths=EDGE_PT[look], zorder=layer,
    )  # fmt: skip
    dots.set_gid(gid)
    if look in ("joint", "border-made"):
        inner = ax.scatter(
            xy[:, 0], xy[:, 1], s=size * DOT**2, marker="o", facecolors="white", edgecolors="none", linewidths=0,
            zorder=layer + 0.05,
        )  # fmt: skip
        inner.set_gid(f"dot:{gid}")


def quiet_mark(ax: Axes, xy: NDArray[np.float64], marker: str, *, scale: float) -> PathCollection:
    """Draw places that are not significant (rings) or not tested (crosses)."""
    size = (QUIET_MM * scale / POINT_MM) ** 2
    if marker == "x":
        return ax.scatter(
            xy[:, 0], xy[:, 1], s=size, marker="x", c=COLOUR["national"], linewidths=WIDTH_PT["hollow"],
            zorder=ZORDER["hollow"],
        )  # fmt: skip
    return ax.scatter(
        xy[:, 0], xy[:, 1], s=size, marker="o", facecolors="white", edgecolors=COLOUR["national"],
        linewidths=WIDTH_PT["hollow"], zorder=ZORDER["hollow"],
    )  # fmt: skip


def draw_cells(ax: Axes, places: GeoDataFrame) -> None:
    """Draw areas, in the coordinates of the axes: filled by dependence, hatched by verdict."""
    from shapely import get_coordinates, point_on_surface

    from geocluster.maps.shapes import add_area

    sign, look = signs_of(places["verdict"]), places["dependence"].astype(str).to_numpy()
    words = places["verdict"].astype(str).to_numpy()
    for word, fill in (("not tested", "none"), ("not significant", COLOUR["cell"])):
        for shape in places.geometry[words == word]:
            add_area(
                ax, shape, gid=f"cell:{word}", facecolor=fill, edgecolor="white" if fill != "none" else COLOUR["rule"],
                linewidth=0.35, zorder=ZORDER["coast"] + 0.05,
            )  # fmt: skip
    for name in reversed(LOOKS):
        for kind, marker in MARKER.items():
            chosen = places.geometry[(look == name) & (sign == kind)]
            for shape in chosen:
                area = add_area(
                    ax, shape, gid=f"cell:{name}:{kind}", facecolor=FILL[name], edgecolor=EDGE[name],
                    linewidth=EDGE_PT[name], zorder=ZORDER["coast"] + 0.1 * (len(LOOKS) - LOOKS.index(name)),
                )  # fmt: skip
                if marker in HATCH:
                    area.set_hatch(HATCH[marker])
            if name != "national" and len(chosen):
                at = get_coordinates(point_on_surface(chosen.to_numpy()))
                dots = ax.scatter(
                    at[:, 0], at[:, 1], s=(0.6 / POINT_MM) ** 2, marker="o", facecolors="white", edgecolors="none",
                    linewidths=0, zorder=ZORDER["coast"] + 0.6,
                )  # fmt: skip
                dots.set_gid(f"dot:{name}:{kind}")
