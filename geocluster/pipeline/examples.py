"""Which tables of real organisations come along?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from geocluster.errors import OptionError

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

ExampleName = Literal["upper-rhine", "oresund", "meuse-rhine"]
EXAMPLES: dict[str, tuple[str, str]] = {
    "upper-rhine": ("Upper Rhine", "life sciences in Switzerland, France and Germany"),
    "oresund": ("Øresund", "medicine and biotech in Denmark and Sweden"),
    "meuse-rhine": ("Meuse-Rhine", "materials, chips and health in Belgium, Germany and the Netherlands"),
}


def load_example(name: ExampleName) -> GeoDataFrame:
    """Give an embedded table of real organisations, geocoded and assigned.

    Parameters
    ----------
    name : {"upper-rhine", "oresund", "meuse-rhine"}

    Raises
    ------
    OptionError
        If there is no such table.

    Examples
    --------
    >>> table = load_example("oresund")
    >>> sorted(table["country"].unique())
    ['DK', 'SE']
    """
    from geocluster.countries import assign_countries
    from geocluster.datasets import data_path
    from geocluster.geocoders import geocode
    from geocluster.readers import read_table

    _check_example(name)
    return assign_countries(geocode(read_table(data_path(f"stakeholders/{name.replace('-', '_')}.csv"))))


def load_study_area(name: ExampleName) -> Any:
    """Give the polygon that an embedded table covers.

    Examples
    --------
    >>> load_study_area("oresund").geom_type
    'Polygon'
    """
    import json

    from shapely.geometry import shape

    from geocluster.datasets import data_path

    _check_example(name)
    text = data_path(f"stakeholders/{name.replace('-', '_')}_area.geojson").read_text(encoding="utf-8")
    return shape(json.loads(text)["features"][0]["geometry"])


def _check_example(name: str) -> None:
    if name not in EXAMPLES:
        raise OptionError(f"there is no example {name!r}. There are {', '.join(map(repr, EXAMPLES))}.")
