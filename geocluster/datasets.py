"""What data come along?

The data are looked for inside the package (a wheel), then beside it (a checkout).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.errors import PackageDataError

if TYPE_CHECKING:
    from geopandas import GeoDataFrame
    from numpy.typing import ArrayLike, NDArray

GAZETTEER_FORMAT = 2
GAZETTEER_VARIABLE = "GEOCLUSTER_GAZETTEER"
"""The environment variable that points to another gazetteer."""


@cache
def data_folder() -> Path:
    """Return the folder of the data that come with the package.

    Raises
    ------
    PackageDataError
        If there is none.

    Examples
    --------
    >>> (data_folder() / "README.md").exists()
    True
    """
    here = Path(__file__).resolve().parent
    for folder in (here / "data", here.parent / "data"):
        if folder.is_dir():
            return folder
    raise PackageDataError(f"no data folder in {here} or beside it. Install geocluster-borders again.")


def data_path(name: str) -> Path:
    """Return the path of one file of these data.

    Raises
    ------
    PackageDataError
        If it is not there.

    Examples
    --------
    >>> data_path("README.md").name
    'README.md'
    """
    path = data_folder() / name
    if not path.exists():
        raise PackageDataError(f"{path} is missing. Install geocluster-borders again.")
    return path


class Gazetteer:
    """The index of places: arrays mapped into memory, each checked when first asked for.

    Parameters
    ----------
    folder : Path
        Where ``tools/build_gazetteer.py`` wrote it.

    Raises
    ------
    PackageDataError
        If it is missing, broken, or of another format.

    Examples
    --------
    >>> load_gazetteer().header["counts"]["places"] > 200_000
    True
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.header: dict[str, Any] = {}
        self._arrays: dict[str, NDArray[Any]] = {}
        try:
            self.header = json.loads((folder / "header.json").read_text("utf-8"))
            found, digests = self.header["format"], self.header["sha256"]
        except FileNotFoundError:
            raise self._broken("header.json", "is missing") from None
        except (OSError, ValueError, KeyError, TypeError):
            raise self._broken("header.json", "cannot be read") from None
        if found != GAZETTEER_FORMAT or not isinstance(digests, dict):
            raise self._broken("header.json", f"is of format {found!r}, not {GAZETTEER_FORMAT}")

    def _broken(self, name: str, problem: str) -> PackageDataError:
        """Say which file is at fault, and the remedy."""
        told = os.environ.get(GAZETTEER_VARIABLE)
        remedy = f"Mend or unset {GAZETTEER_VARIABLE}={told}" if told else "Install geocluster-borders again"
        return PackageDataError(f"the gazetteer's {self.folder / name} {problem}. {remedy}.")

    def _checked(self, name: str) -> Path:
        """Return the path of a file whose checksum is right."""
        path = self.folder / name
        try:
            with path.open("rb") as file:
                digest = sha256(file.read()).hexdigest()
        except FileNotFoundError:
            raise self._broken(name, "is missing") from None
        except OSError:
            raise self._broken(name, "cannot be read") from None
        if digest != self.header["sha256"].get(name):
            raise self._broken(name, "is corrupt: its checksum is not the one of header.json")
        return path

    def array(self, name: str) -> NDArray[Any]:
        """Map one array into memory."""
        if name not in self._arrays:
            try:
                mapped = np.load(self._checked(f"{name}.npy"), mmap_mode="r", allow_pickle=False)
            except (ValueError, EOFError):
                raise self._broken(f"{name}.npy", "is not an array") from None
            self._arrays[name] = mapped.view(np.ndarray)  # a memmap is slow to index
        return self._arrays[name]

    def table(self, name: str) -> list[str]:
        """Give one of the lists of codes and names: countries, country_names, admin1, admin1_names."""
        if "tables" not in self.__dict__:
            self.tables: dict[str, list[str]] = json.loads(self._checked("tables.json").read_text("utf-8"))
        return self.tables[name]


@cache
def _open_gazetteer(folder: str) -> Gazetteer:
    return Gazetteer(Path(folder))


def load_gazetteer() -> Gazetteer:
    """Open the index of places, that of `GEOCLUSTER_GAZETTEER` if it is set."""
    return _open_gazetteer(os.environ.get(GAZETTEER_VARIABLE) or _own_gazetteer())


@cache
def _own_gazetteer() -> str:
    return str(data_folder() / "gazetteer")


@dataclass(frozen=True, slots=True, eq=False)
class PlaceArrays:
    """All places as arrays, row by row the same place as in `load_places`."""

    longitude: NDArray[np.float64]
    """Degrees, EPSG:4326."""
    latitude: NDArray[np.float64]
    country: NDArray[np.uint8]
    """Positions in `country_codes`."""
    country_codes: list[str]
    """ISO alpha-2."""
    population: NDArray[np.int64]
    geonames_id: NDArray[np.int64]
    district: NDArray[np.bool_]
    """Part of a city that is listed too: no background."""


def place_arrays() -> PlaceArrays:
    """Give the places of the gazetteer as arrays, without geopandas.

    Returns
    -------
    PlaceArrays
        Made once; do not write into them.

    Examples
    --------
    >>> places = place_arrays()
    >>> i = int(places.population.argmax())
    >>> place_names([i]), places.country_codes[places.country[i]]
    (['Shanghai'], 'CN')
    """
    return _place_arrays(load_gazetteer())


@cache
def _place_arrays(gazetteer: Gazetteer) -> PlaceArrays:
    district = np.zeros(len(gazetteer.array("place_country")), dtype=bool)
    district[gazetteer.array("place_districts")] = True
    return PlaceArrays(
        longitude=gazetteer.array("place_longitude") / 1e5,
        latitude=gazetteer.array("place_latitude") / 1e5,
        country=gazetteer.array("place_country"),
        country_codes=gazetteer.table("countries"),
        population=gazetteer.array("place_population").astype(np.int64),
        geonames_id=gazetteer.array("place_geonames_id").astype(np.int64),
        district=district,
    )


@cache
def _name_ends(gazetteer: Gazetteer) -> NDArray[np.int64]:
    return np.cumsum(gazetteer.array("place_name_length"), dtype=np.int64)


def place_names(positions: ArrayLike) -> list[str]:
    """Names of places by their positions in `place_arrays`.

    Examples
    --------
    >>> place_names([])
    []
    """
    gazetteer = load_gazetteer()
    ends, text = _name_ends(gazetteer), gazetteer.array("place_name_text")
    which = np.asarray(positions, dtype=np.int64)
    lengths = gazetteer.array("place_name_length")[which]
    stops = ends[which]
    return [
        text[stop - length : stop].tobytes().decode()
        for stop, length in zip(stops.tolist(), lengths.tolist(), strict=True)
    ]


def load_places() -> GeoDataFrame:
    """Load the places of the world with 500 people or more, or seats of an administration.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, with name, country (ISO alpha-2), admin1 (GeoNames code of the
        region), population (0 where unknown), geonames_id, district (part of a city
        that is listed too: leave it out where people are counted) and geometry.
        GeoNames, CC BY 4.0.

    Examples
    --------
    >>> places = load_places()
    >>> places.loc[places["name"] == "Basel", ["country", "population"]].values.tolist()
    [['CH', 177595]]
    """
    import geopandas as gpd

    gazetteer, places = load_gazetteer(), place_arrays()
    columns = {
        "name": place_names(np.arange(len(places.population))),
        "country": np.array(places.country_codes, dtype=object)[places.country],
        "admin1": np.array(gazetteer.table("admin1"), dtype=object)[gazetteer.array("place_admin1")],
        "population": places.population,
        "geonames_id": places.geonames_id,
        "district": places.district,
    }
    points = gpd.points_from_xy(places.longitude, places.latitude)
    return gpd.GeoDataFrame(columns, geometry=points, crs="EPSG:4326")


def load_countries() -> GeoDataFrame:
    """Load the countries for looking up where a point is: with their sea, not for drawing.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, a row a country or territory (249 of ISO 3166-1, and XK), with
        country (ISO alpha-2), sovereign (the country a territory belongs to, else
        itself) and geometry. From country-coder, ISC licence.

    Examples
    --------
    >>> countries = load_countries()
    >>> len(countries), countries.set_index("country").loc["GF", "sovereign"]
    (250, 'FR')
    """
    return _load_layer("countries")


def load_borders() -> GeoDataFrame:
    """Load the lines between two countries, on land and at sea (there schematic).

    Returns
    -------
    GeoDataFrame
        EPSG:4326, a row a pair, with iso_a and iso_b (ISO alpha-2, in the order of
        the alphabet) and geometry. From country-coder, ISC licence.

    Examples
    --------
    >>> borders = load_borders()
    >>> sorted(borders.loc[borders["iso_a"] == "CH", "iso_b"])
    ['DE', 'FR', 'IT', 'LI']
    """
    return _load_layer("borders")


def load_land() -> GeoDataFrame:
    """Load land for drawing: coasts of Natural Earth, borders of `load_borders`.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, a row a country, with country (ISO alpha-2) and geometry.
        Made with Natural Earth, public domain.

    Examples
    --------
    >>> "CH" in set(load_land()["country"])
    True
    """
    return _load_layer("land")


def load_lakes() -> GeoDataFrame:
    """Load lakes over 50 km² for drawing.

    Returns
    -------
    GeoDataFrame
        EPSG:4326, the largest first, with area_km2 and geometry. Made with Natural
        Earth, public domain.

    Examples
    --------
    >>> bool(load_lakes()["area_km2"].min() > 50)
    True
    """
    return _load_layer("lakes")


def _load_layer(name: str) -> GeoDataFrame:
    """Read one layer of data/borders."""
    import geopandas as gpd

    path = data_path(f"borders/{name}.parquet")
    try:
        return gpd.read_parquet(path)
    except (OSError, ValueError) as fault:
        raise PackageDataError(f"{path} cannot be read. Install geocluster-borders again.") from fault
