"""Find, test and map the clusters of stakeholders that span national borders.

The front door: a room opens when one of its names is first asked for, so that
``import geocluster`` itself loads nothing heavy.

Examples
--------
>>> import geocluster
>>> "spanning_test" in dir(geocluster)
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

_ROOMS = {
    "check": "geocluster.schema",
    "load_countries": "geocluster.datasets",
    "load_places": "geocluster.datasets",
    "split_placed": "geocluster.schema",
}

__all__ = ["__version__", *sorted(_ROOMS)]

if TYPE_CHECKING:
    from geocluster.schema import check as check
    from geocluster.schema import split_placed as split_placed


def __getattr__(name: str) -> object:
    """Open the room that holds `name`."""
    try:
        room = _ROOMS[name]
    except KeyError:
        raise AttributeError(f"module 'geocluster' has no attribute {name!r}") from None
    value = getattr(import_module(room), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
