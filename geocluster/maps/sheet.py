"""What words stand above and below every map, and how much room do they take?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geocluster.labels import text
from geocluster.maps.page import clean, put, shorten, wrap
from geocluster.maps.telling import say_km, say_values
from geocluster.style import COLOUR, PAGE_WIDTH_MM, TYPE_PT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from geocluster.maps.frame import Projection
    from geocluster.maps.page import MapFigure
    from geocluster.maps.panel import Content

HEAD_MM = 10.9
SCALE_MM = 7.0
LINE_MM = 3.1


@dataclass(frozen=True, slots=True)
class Words:
    """What the caller says of a map."""

    title: str
    subtitle: str
    sources: Sequence[str]
    method: str

    def foot(self, projection: Projection, language: str) -> list[str]:
        """Set sources, projection, method and version in as few lines as hold them."""
        from geocluster import __version__

        limit, size = PAGE_WIDTH_MM - 1.0, TYPE_PT["source"]
        data = text("sources", language, sources="; ".join(clean(source).rstrip(".;") for source in self.sources))
        crs = text("projection", language, name=projection.words(language))
        method = clean(self.method).rstrip(".;")
        version = f"geocluster {__version__}"
        # a caller's method may tell the version already
        how = f"{method}." if version in method else f"{method}; {version}."
        return [*wrap(f"{data} {crs}", limit, size, lines=3), *wrap(how, limit, size, lines=2)]

    def write_head(self, page: Axes, height: float) -> str:
        """Write title and subtitle at the top of a page so many mm high; return the title as written."""
        title = shorten(clean(self.title), PAGE_WIDTH_MM - 1, TYPE_PT["title"], "bold")
        put(page, 0, height - 3.9, title, "title", gid="title", weight="bold")
        below = shorten(clean(self.subtitle), PAGE_WIDTH_MM - 1, TYPE_PT["subtitle"])
        put(page, 0, height - 8.0, below, "subtitle", gid="subtitle", colour=COLOUR["grey"])
        return title


def foot_height(lines: Sequence[str]) -> float:
    """Room that the source lines need, mm."""
    return LINE_MM * len(lines) + 0.4


def tell_figure(figure: MapFigure, content: Content, title: str, dropped: Sequence[str]) -> MapFigure:
    """Give a figure its words for those who cannot see it, and the labels that found no place."""
    language = content.language
    said = [text("alt_map", language, title=title.rstrip("."), points=len(content.xy), clusters=len(content.looks))]
    for row in content.rows:
        held = ", ".join(f"{country} {count}" for country, count in zip(row.countries, row.counts, strict=False))
        verdict = text(row.verdict, language) if row.verdict else ""
        said.append(
            text("alt_cluster", language, badge=row.badge, name=row.name, n=row.n, countries=held, verdict=verdict)
        )
    for claim in content.claims:
        radius, values, sides = (
            say_km(claim.r_km, language),
            say_values(claim.p, language),
            ", ".join(claim.countries),
        )
        said.append(text("claim_alt", language, sign=claim.sign, radius=radius, countries=sides, values=values))
    figure.title_text = title
    figure.alt_text = " ".join(said)
    figure.dropped_labels = tuple(dropped)
    return figure
