"""Around Aachen, Maastricht and Liège: what do neighbours have in common, at home and abroad?

Three countries, and towns of a similar size near each other. Two questions are asked
of the same neighbours: are near organisations of a like age (Moran's I of the founding
year), and do firms stand near universities (the colocation quotient)? Each answer is
split exactly: so much within the countries, so much across their borders.

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

# The parts add up to the whole, exactly. Many rows have no founding year: neighbours are
# searched among those that have one.
dated = placed[placed["founded"].notna()]
moran = gc.autocorrelation_test(dated, gc.build_graph(dated, nearest=8), column="founded", rng=1)
print(moran.summary())
print(moran.to_frame().round(3).to_string())

# "not defined" and "the redraws do not vary" are answers too: with few universities on the
# other side there is little that chance could have put elsewhere.
quotient = gc.colocation_test(placed, graph, kind="firm", near_kind="university", rng=1)
print(quotient.summary())

# And the clusters: which of them span?
analysis = gc.analyse(
    gc.load_example("meuse-rhine"),
    study_area=gc.load_study_area("meuse-rhine"),
    rng=1,
    title="Meuse-Rhine",
    chosen=True,
)
print(analysis.summary())
gc.write_folder(analysis, folder)
