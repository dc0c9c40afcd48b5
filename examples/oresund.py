"""Is medicine and biotech on both shores of the Øresund one cluster, or two?

The border lies in the strait: no land border is near, yet the shores are 5 to 30 km
apart. So the radius of the claim matters most here.

    python examples/oresund.py [FOLDER]
"""

import sys
from pathlib import Path

import geocluster as gc

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/oresund")
folder.mkdir(parents=True, exist_ok=True)

placed, _ = gc.split_placed(gc.load_example("oresund"))
area = gc.load_study_area("oresund")
labels = gc.find_clusters(placed, radius_km=10).labels

# Nearer than r_max two national clusters are one. Ask at three sizes of circle, and
# read the answer with its radius: "spans at r km". Three questions are three chances of a
# false yes, so p is multiplied by three (Bonferroni) before it is believed.
for r_max_km in (15, 25, 40):
    result = gc.spanning_test(placed, labels, r_max_km=r_max_km, study_area=area, rng=1, workers=2)
    print(f"circles up to {r_max_km} km: {result.sentence()}")
    for claim in result.windows.to_dict("records"):
        p = min(1.0, 3 * claim["p"])
        circle = f"{claim['r_km']:g} km about {claim['lat']:.2f}, {claim['lon']:.2f}"
        print(f"  {claim['reading']}: {circle}; 3p = {p:.3f}, it {'stands' if p <= 0.05 else 'falls'}")

# Clusters of 10 km end at the water, each in one country; a claim at 40 km is about circles
# that hold Copenhagen, Malmö and Helsingborg together. It says nothing nearer than that.
analysis = gc.analyse(gc.load_example("oresund"), study_area=area, rng=1, title="Øresund", chosen=True)
print(analysis.summary())
gc.write_folder(analysis, folder)
