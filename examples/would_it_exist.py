"""Would it exist without the border?

A cluster in two countries may be one country's city that spills over, two national clusters
that meet, or one that neither country would have alone. The rule of density is asked again
with neighbours of the own country only: δ is the share of dense members that are lost. Small
sides are small samples, so δ has an interval, and the class a share of the resamples. That a
cluster *spans* is another question, with a test of its own.

    python examples/would_it_exist.py [FOLDER]
"""

import sys
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

import geocluster as gc

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/would_it_exist")
folder.mkdir(parents=True, exist_ok=True)

answers = []
page = Figure(figsize=(7.1, 3.2), layout="constrained")
panels = iter(page.subplots(2, 1))
for region in ("upper-rhine", "meuse-rhine"):
    placed, _ = gc.split_placed(gc.load_example(region))
    clusters = gc.find_clusters(placed, radius_km=10, minimum=5)
    without = gc.dependence_bootstrap(placed, clusters, resamples=999, rng=1)
    spanning = gc.spanning_test(placed, clusters.labels, study_area=gc.load_study_area(region), rng=1)
    print(f"{region}: {len(placed)} placed, {clusters.sentence()}")

    told = without.to_frame().join(spanning.clusters[["verdict", "reach", "at_least"]])
    told = told[told["dependence"] != "national"].assign(region=region)
    answers.append(told)
    for row in told.to_dict("records"):
        print(
            f"  {row['name']} ({row['countries']}): {row['dependence']}, δ {row['delta']:.2f} "
            f"[{row['low']:.2f}, {row['high']:.2f}], the same class in {row['class_share']:.0%} of the resamples; "
            f"{row['verdict']}"
        )
    without.plot(next(panels)).set_title(region.replace("-", " ").title(), loc="left", fontsize=8)

# Read it so: no cluster here is border-made. Basel's dense members stay dense without their
# neighbours abroad (δ 0.19), but as what it would be seen is open: a spill-over or two national
# clusters, the resamples do not agree. Aachen is bridged: German, Dutch and Belgian groups that
# join only across the border. None is shown to span: that needs more than their share on both
# sides, which a few organisations cannot show.
pd.concat(answers).to_csv(folder / "answers.csv")
page.savefig(folder / "dependence.png", dpi=300)
print(f"Figure and table: {folder}")
