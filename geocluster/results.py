"""What does every answer look like?

A result is frozen, says itself in a sentence, gives its facts one a line, and
carries what made it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made a result: parameters, seed, versions, sources of data.

    Examples
    --------
    >>> Provenance({"radius_km": 10}).facts()[0]
    'radius_km 10'
    """

    parameters: Mapping[str, Any]
    seed: str | None = None
    sources: Sequence[str] = ()
    versions: Mapping[str, str] = field(default_factory=lambda: library_versions())

    def facts(self) -> list[str]:
        """Say the same, one a line."""
        lines = [f"{name} {value}" for name, value in self.parameters.items()]
        if self.seed is not None:
            lines.append(f"seed {self.seed}")
        lines += [f"data: {source}" for source in self.sources]
        lines.append(" · ".join(f"{name} {version}" for name, version in self.versions.items()))
        return lines


def library_versions() -> dict[str, str]:
    """Versions of the package and of the libraries that its numbers hang on.

    Examples
    --------
    >>> sorted(library_versions())[:2]
    ['geocluster', 'geopandas']
    """
    return dict(_installed())


@cache
def _installed() -> tuple[tuple[str, str], ...]:
    """Ask once: it takes longer than many a statistic."""
    from importlib.metadata import PackageNotFoundError, version

    from geocluster import __version__

    found = {"geocluster": __version__}
    for name in ("geopandas", "numpy", "pandas", "scipy", "shapely"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return tuple(found.items())


class Result(ABC):
    """The form of every answer."""

    __slots__ = ()

    @abstractmethod
    def to_frame(self) -> DataFrame:
        """Give the answer as a tidy table."""

    @abstractmethod
    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw a quick look, on the given axes if any."""

    def figure(self, *, language: str = "en") -> Figure:
        """Draw for print: the quick look on a page of its own, unless a room does better."""
        from matplotlib.figure import Figure

        from geocluster.errors import OptionError

        if language not in ("en", "ru"):
            raise OptionError(f"language must be 'en' or 'ru', got {language!r}.")
        page = Figure(figsize=(180 / 25.4, 120 / 25.4), layout="constrained")
        self.plot(page.add_subplot())
        return page

    @abstractmethod
    def sentence(self) -> str:
        """Say the answer in one sentence."""

    @abstractmethod
    def facts(self) -> list[str]:
        """Say what a reader must know to judge it, one fact a line."""

    def summary(self) -> str:
        """Say the sentence, then the facts, one a line."""
        return "\n".join([self.sentence(), *(f"  {fact}" for fact in self.facts())])

    def __repr__(self) -> str:
        return f"<{self.sentence()}>"

    def _repr_html_(self) -> str:
        from html import escape

        facts = "".join(f"<li>{escape(fact)}</li>" for fact in self.facts())
        table = self.to_frame().head(30).to_html(escape=True)
        return f"<p><b>{escape(self.sentence())}</b></p><ul>{facts}</ul>{table}"
