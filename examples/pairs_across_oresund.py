"""Which pairs of kinds meet across the Øresund?

All ordered pairs of kinds on the embedded table of the Øresund, within countries and across,
in one call: whom has each kind about it, how many times as often as chance gives?

    python examples/pairs_across_oresund.py [FOLDER]
"""

import sys
from pathlib import Path

import geocluster as gc

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/pairs_across_oresund")
folder.mkdir(parents=True, exist_ok=True)

placed, set_aside = gc.split_placed(gc.load_example("oresund"))
print(f"{len(placed)} placed, {len(set_aside)} set aside")

# Copenhagen and Malmö lie 28 km apart, and the positions are towns: neighbours are all within 40 km.
# Where all about it counts alike a quotient of nearest neighbours would stop at the shore.
graph = gc.build_graph(placed, within_km=40)

# Within: kinds permuted inside each country. Across: one country held, the kinds of the other
# replaced by surrogates as clustered as they are; the larger p of both directions, then
# Benjamini-Hochberg over all pairs. Sweden lists 2 institutes and 4 universities: too few to claim.
matrix = gc.colocation_matrix(placed, graph, rng=1)
print(matrix.summary())
for part in ("within", "across"):
    print(f"\n{part}, times what chance gives:")
    print(matrix.matrix(part).round(2).to_string())

# Where the firms stand that have public bodies about them.
local = gc.local_colocation_test(placed, graph, kind="firm", near_kind="public body", rng=1)
print(f"\n{local.sentence()}")

# Who is whose nearest, own or foreign.
nearest = gc.dixon_test(placed, rng=1)
print(nearest.sentence())

matrix.to_frame().to_csv(folder / "pairs.csv", index=False)
matrix.figure().savefig(folder / "matrix.png", dpi=300)
local.figure().savefig(folder / "firms_near_public_bodies.png", dpi=300)

meeting = matrix.found("across")
names = ", ".join(f"{row.kind} → {row.near_kind}" for row in meeting[meeting["ratio"] > 1].itertuples())
print(f"\nPairs that meet across the Øresund more than by chance: {names or 'none is shown'}")
