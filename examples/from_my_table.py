"""From a spreadsheet of your own to a tested map.

Save the sheet as CSV. Here a small one is made on the spot, with columns named in
its owner's way, a town spelled in another language, and a row that cannot be placed.
The command line does the same: geocluster run my_table.csv --out out --column name=company ...

    python examples/from_my_table.py [FOLDER]
"""

import sys
from pathlib import Path

import geocluster as gc

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/from_my_table")
folder.mkdir(parents=True, exist_ok=True)

towns = {
    "Bratislava": ("SK", 24),
    "Wien": ("AT", 30),
    "Győr": ("HU", 12),
    "Trnava": ("SK", 6),
    "Eisenstadt": ("AT", 6),
    "Hainburg": ("AT", 3),
    "Братислава": ("SK", 3),
    "Nowhere-on-Sea": ("SK", 1),
}
rows = [
    f"Example {kind} {town} {k};{kind};{town};{country}"
    for town, (country, n) in towns.items()
    for k, kind in enumerate(["firm", "firm", "university", "institute", "public body"] * 6)
    if k < n
]
sheet = folder / "my_table.csv"
sheet.write_text("\n".join(["company;what;town;state", *rows]) + "\n", encoding="utf-8")

# 1. Tell which of its columns is which.
table = gc.read_table(sheet, columns={"name": "company", "kind": "what", "city": "town", "country": "state"})

# 2. Place it. No row is lost: those without a point say why.
placed, set_aside = gc.split_placed(gc.assign_countries(gc.geocode(table)))
print(f"{len(table)} rows = {len(placed)} placed + {len(set_aside)} set aside")
print(set_aside[["name", "reason"]].to_string())

# 3. Everything else in one call. 'extent' is the area the table itself covers; give a
#    polygon if you know better, and controls if you have a list of all other organisations.
analysis = gc.analyse(table, radius_km=15, r_max_km=30, study_area="extent", rng=1, title="My table")
print(analysis.summary())
for path in gc.write_folder(analysis, folder):
    print(path)
