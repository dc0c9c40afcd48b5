"""How fragile is this cluster?

A radius of 10 km and five organisations are a choice. The clusters are found again at every
radius, with every minimum, and the spanning test is asked with three largest circles: over
which of them is each cluster still there, and does it span?

    python examples/how_fragile.py [FOLDER]
"""

import sys
from pathlib import Path

import geocluster as gc

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/how_fragile")
folder.mkdir(parents=True, exist_ok=True)

placed, set_aside = gc.split_placed(gc.load_example("upper-rhine"))
print(f"{len(placed)} placed, {len(set_aside)} set aside")

# One call; the test searches once for each largest circle, so that settings do not differ by
# chance. The first of them is that of the reference.
told = gc.spanning_fragility(
    placed,
    radii_km=[4, 6, 8, 10, 12, 15, 20, 25, 30],
    minimums=[3, 5, 8],
    radius_km=10,
    minimum=5,
    r_max_km=[25, 15, 40],
    study_area=gc.load_study_area("upper-rhine"),
    rng=1,
)
print(told.summary())

# Where does Basel span, and where not? A range, and no p-value: settings are no tests of their own.
basel = told.grid[told.grid["cluster"] == 1]
print("\nBasel, with at least five: does it span?")
print(
    basel[basel["minimum"] == 5]
    .pivot_table(index="radius_km", columns="r_max_km", values="spans", aggfunc="first")
    .rename_axis(index="radius, km", columns="circles up to, km")
)

told.figure().savefig(folder / "fragility.png", dpi=300)
told.to_frame().to_csv(folder / "fragility.csv")
print(f"Figure and table: {folder}")
