"""From a table as people keep it to a clean one.

messy_table.csv holds what one meets: a country column in a dozen languages, cities in
ten scripts, Cedex and postcodes, coordinates swapped, with decimal commas or in the
wrong country, affiliations in one cell, N/A, formulas and HTML. Every row comes out
again: placed, with how precisely and how surely, or with the reason why not.
The command line does the same: geocluster geocode messy_table.csv --out clean.csv --column name=organisation

    python examples/messy_table.py [FOLDER]
"""

import sys
from pathlib import Path

import pandas as pd

import geocluster as gc

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/messy_table")
folder.mkdir(parents=True, exist_ok=True)

table = gc.read_table(Path(__file__).with_name("messy_table.csv"), columns={"name": "organisation"})
clean = gc.assign_countries(gc.geocode(table, geocoder=gc.postcode_geocoder()))


def told(row: pd.Series, columns: list[str], width: int) -> str:
    """Put some cells on one line of at most so many letters."""
    line = " · ".join(" ".join(str(row[column]).split()) for column in columns if row[column] == row[column])
    return line if len(line) <= width else line[: width - 1] + "…"


# What became of each row: what stood there, the status, the place found, within how many km, how sure, and why not.
print(f"{'':>3} {'what stood there':<52} {'status':<10} {'what was found':<31} {'km':>5} {'sure':>5}  why")
for label, row in clean.iterrows():
    stood = told(row, ["address", "city", "region", "postcode", "country_stated", "lat", "lon"], 52)
    point = f"{row.geometry.y:.2f}, {row.geometry.x:.2f}" if row.geometry else ""
    found = told(row.fillna({"geo_place": point}), ["geo_place", "country", "precision"], 31)
    radius = f"{row['radius_km']:.3g}" if row["radius_km"] == row["radius_km"] else "–"
    sure = f"{row['geo_confidence']:.2f}" if row["geo_confidence"] == row["geo_confidence"] else "–"
    why = next((row[name] for name in ("reason", "geo_conflict") if isinstance(row[name], str)), "")
    print(f"{label:>3} {stood:<52} {row['geo_status']:<10} {found:<31} {radius:>5} {sure:>5}  {why}")

print()
print(gc.summarise_geocoding(clean).summary())
print(gc.write_table(clean, folder / "clean.csv"))
