"""Scan against density: two answers compared.

DBSCAN calls dense what is dense, wherever people live. The scan statistic asks for circles
that hold more than their share of the population, and draws no shape but circles. They answer
different questions; both go through the same spanning test.

    python examples/scan_against_density.py [FOLDER]
"""

import sys
from pathlib import Path

import matplotlib as mpl
import pandas as pd
from matplotlib import patheffects
from matplotlib.figure import Figure

import geocluster as gc

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/scan_against_density")
folder.mkdir(parents=True, exist_ok=True)

placed, set_aside = gc.split_placed(gc.load_example("upper-rhine"))
area = gc.load_study_area("upper-rhine")
print(f"{len(placed)} placed, {len(set_aside)} set aside")

density = gc.find_clusters(placed, radius_km=10, minimum=5)
scan = gc.find_clusters(placed, method="scan", study_area=area, max_radius_km=25, rng=1)
for name, found in (("density", density), ("scan", scan)):
    spanning = gc.spanning_test(placed, found.labels, study_area=area, rng=1)
    print(f"\n{name}: {found.sentence()}; {spanning.sentence()}")
    told = found.frame[["name", "n", "countries", "counts", "extent_km"]].round(1)
    print(told.join(spanning.clusters["verdict"]).to_string())
print("\n".join(scan.notes))

# How far do they agree? No cluster shares half of its members with one of the other's. Freiburg
# and Karlsruhe hold no more than cities of their size should, says the scan; of Basel it takes
# the suburbs, whose population is small, and leaves the city.
compared = gc.compare_clusters(density, scan)
print(f"\n{compared.sentence()}")
print(pd.crosstab(density.labels.rename("density"), scan.labels.rename("scan"), dropna=False).to_string())

# Both on the same ground; dashed crimson: in two countries, spanning not shown.
with mpl.rc_context({"font.size": 7}):
    page = Figure(figsize=(5.2, 5.0), layout="constrained")
    for ax, name, found in zip(page.subplots(1, 2, sharey=True), ("Density", "Scan"), (density, scan), strict=True):
        found.plot(ax)
        ax.set_title(f"{name}: {len(found.frame)} clusters of {found.frame['n'].sum()}", loc="left", fontsize=8)
        ax.set_ylabel("")
        for label, row in found.frame.iterrows():
            lon, lat, own = found.points.geometry.x, found.points.geometry.y, found.labels == label
            beside = lat[(lon - row["lon"]).abs() < 0.3]  # the name goes where it hides fewer
            above, below = (beside.between(y, y + 0.1).sum() for y in (lat[own].max() + 0.001, lat[own].min() - 0.101))
            y, shift = (lat[own].max(), 8) if above <= below else (lat[own].min(), -14)
            ax.annotate(
                row["name"].split(" – ")[0], (row["lon"], y), (0, shift), textcoords="offset points", ha="center",
                zorder=25, path_effects=[patheffects.withStroke(linewidth=2.2, foreground="#FBFAF6")],
            )  # fmt: skip
    page.savefig(folder / "two_answers.png", dpi=300)
print(f"Figure: {folder / 'two_answers.png'}")
