"""Are Basel's firms nearer to French and German laboratories than chance would have it?

Cross-K on the embedded table of the Upper Rhine: which pairs of a firm and a laboratory
stand how near, at home and across the border, against two nulls.

    python examples/firms_near_laboratories.py [FOLDER]
"""

import sys
from pathlib import Path

import geopandas as gpd

import geocluster as gc

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "out/firms_near_laboratories")
folder.mkdir(parents=True, exist_ok=True)

table = gc.load_example("upper-rhine")
placed, set_aside = gc.split_placed(table)
print(f"{len(placed)} placed, {len(set_aside)} set aside")

# Laboratories are institutes and universities; of Switzerland only what lies within 20 km of Basel.
basel_km = placed.to_crs("EPSG:2056").distance(
    gpd.GeoSeries(gpd.points_from_xy([7.5886], [47.5596]), crs="EPSG:4326").to_crs("EPSG:2056").iloc[0]
)
near = placed[(placed["country"] != "CH") | (basel_km / 1000 <= 20)].copy()
laboratory = near["kind"].isin(["institute", "university"])
near["kind"] = near["kind"].where(~laboratory, "laboratory")

# The positions are towns, most known to 9 or 18 km: nearer than their median nothing is claimed.
# The study area is what the table covers: places within 10 km of an organisation of their country.
answers = {}
for null in ("background", "labelling"):
    answers[null] = gc.cross_test(
        near, kind="firm", near_kind="laboratory", null=null, at_km=range(10, 65, 5), rng=1, workers=2
    )
    print(f"{null}: {answers[null].sentence()}")
    told = answers[null].parts.loc[["within", "across", "CH→FR", "CH→DE"]]
    print(told[["p", "p_attraction", "p_adjusted", "reason"]].round(3).to_string())

# Read it so: against the people of each country (background) firms and laboratories crowd together
# at home; kinds apart, most things stand in towns. Given where all organisations stand (labelling)
# the question is whether firms and laboratories seek each other. CH→FR and CH→DE are Basel's firms
# beside French and German laboratories; a claim needs p_adjusted, which holds one side and redraws
# the other, both ways, and pays for all ways asked.
for null, answer in answers.items():
    answer.to_frame().to_csv(folder / f"curves_{null}.csv", index=False)
    answer.figure().savefig(folder / f"curves_{null}.png", dpi=300)

for way, name in (("CH→FR", "French"), ("CH→DE", "German")):
    p = max(float(answer.parts["p_adjusted"][way]) for answer in answers.values())
    print(f"Basel's firms are {'' if p <= 0.05 else 'not shown to be '}nearer to {name} laboratories (p {p:.2g})")
