"""Do dense cells on the Upper Rhine stand together across the border, and how far does it reach?

Squares of one grid for the whole globe, cut at the borders of Switzerland, France and
Germany, so that no cell holds two countries; in each the people of the embedded
gazetteer's places. This script writes the cells, the curve and its figure.

    python examples/hotspots_cells.py [FOLDER]
"""

import sys
from pathlib import Path

import numpy as np
import shapely

import geocluster as gc

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/hotspots_cells")
folder.mkdir(parents=True, exist_ok=True)

# 1. Cells of 8 km cut at the border; slivers of less than a quarter of a cell are left out.
area = shapely.box(6.9, 47.2, 8.5, 49.0)
cells = gc.build_cells(area, side_km=8)
cells = cells[cells["share"] >= 0.25]
print(f"{len(cells)} parts of cells: {cells.groupby('country').size().to_dict()}")

# 2. Each place is counted once, in a cell of its own country; what stands in none is told.
places = gc.load_places()
places = places[~places["district"]].clip(area)
counted, set_aside = gc.aggregate_points(places, cells, sums=["population"])
print(f"{counted['n'].sum()} places placed, {len(set_aside)} set aside")
print(set_aside["reason"].str.replace(r"stands in \S+,", "stands in a cell", regex=True).value_counts().to_string())

# 3. People a km², on a scale on which one city does not decide alone.
counted["density"] = np.log1p(counted["population"] / counted["area_km2"])

# 4. Do like cells adjoin? The parts within countries and across the border add up to the whole.
graph = gc.build_graph(counted, contiguity="queen", row_standardise=True)
test = gc.autocorrelation_test(counted, graph, column="density", permutations=499, rng=1, workers=2)
print(test.summary())

# 5. How far does it reach? One ring after the other, each pair of cells in one of them.
curve = gc.correlogram(counted, column="density", bins_km=[12, 20, 30, 45, 60], permutations=499, rng=1, workers=2)
print(curve.summary())

counted.to_file(folder / "cells.geojson", driver="GeoJSON")
curve.to_frame().to_csv(folder / "correlogram.csv", index=False)
curve.figure().savefig(folder / "correlogram.png", dpi=300)
for path in sorted(folder.iterdir()):
    print(path)
