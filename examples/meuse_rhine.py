"""Aachen, Maastricht, Liège, Leuven, Eindhoven: does the triangle hold together?

Three countries, and towns of a similar size near each other. This script looks at
what chance alone would do with the same neighbours: Moran's I of the founding year
and the colocation of firms with universities, each split at the border.

    python examples/meuse_rhine.py [FOLDER]
"""

import sys
from pathlib import Path

import geocluster as gc

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/meuse_rhine")
folder.mkdir(parents=True, exist_ok=True)

placed, _ = gc.split_placed(gc.load_example("meuse-rhine"))

# Who is near whom: the eight nearest, in true kilometres, split at the border.
graph = gc.build_graph(placed, nearest=8)
within, across = gc.split_graph(graph, placed["country"])
print(f"{graph.n_edges} links: {within.n_edges} within a country, {across.n_edges} across")

# The parts add up to the whole, exactly.
moran = gc.autocorrelation_test(placed, graph, column="founded", rng=1)
print(moran.summary())
quotient = gc.colocation_test(placed, graph, kind="firm", near_kind="university", rng=1)
print(quotient.summary())

analysis = gc.analyse(
    gc.load_example("meuse-rhine"),
    study_area=gc.load_study_area("meuse-rhine"),
    rng=1,
    title="Meuse-Rhine",
    chosen=True,
)
print(analysis.summary())
gc.write_folder(analysis, folder)
