"""Where do young firms gather in three border regions, and does the border matter?

The tables are chosen lists, no samples: this shows how to ask, not how firms are.

    python examples/hotspots_points.py [FOLDER]
"""

import sys
from pathlib import Path

import geocluster as gc

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/hotspots_points")
folder.mkdir(parents=True, exist_ok=True)

# G* of the year of foundation: hot where a firm and its eight nearest were founded late.
# Each firm is held and its neighbours' years are drawn anew from their own country, so that
# a country of younger firms is no hot spot by itself. Three regions are three chances of a
# false find, so each is asked at 0.05 / 3 (Bonferroni).
found = {}
for region in ("upper-rhine", "meuse-rhine", "oresund"):
    placed, set_aside = gc.split_placed(gc.load_example(region))
    firms = placed[(placed["kind"] == "firm") & placed["founded"].notna()]
    graph = gc.build_graph(firms, nearest=8)
    result = gc.hotspot_test(
        firms, graph, column="founded", statistic="getis_ord_star", permutations=9999, alpha=0.05 / 3, rng=1
    )
    print(f"{region}: {len(firms)} firms of {len(placed)} placed\n  {result.sentence()}")
    found[region] = (result, firms, set_aside)

# Read it so: on the Rhine and the Meuse nothing stands out. At the Øresund the firms of Lund
# are young together. 'national' says that no difference by neighbours across the water was
# shown; here it could not be, for the eight nearest of a firm in Lund stand in Sweden (across
# is 0). The classes describe, they prove nothing.
result, firms, set_aside = found["oresund"]
print(result.counts())
told = result.to_frame().join(firms[["name", "city"]])
hot = told[told["verdict"] == "hot"].sort_values("p")
print(hot[["name", "city", "value", "within", "across", "p_adjusted", "dependence"]].head(8).to_string(index=False))

# The same by country of the neighbours, and what theory expects without any draw.
print(result.by_country().groupby(["country", "neighbour_country"])["value"].mean().round(2))
print(result.moments()[["expected", "sd"]].describe().loc[["mean", "min", "max"]].round(2))

for path in gc.write_hotspots(
    result, firms, set_aside, folder, title="Young firms gather at Lund, on neighbours in Sweden"
):
    print(path)
