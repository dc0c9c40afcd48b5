"""How many listed companies are placed, and are 200 of them drawn by lot placed rightly?

Companies of FinanceDatabase (GEOCLUSTER_SHARED, else ../shared), by city, state and
country. The postcode, not shown to the geocoder, is the check: right where the
answer is within 25 km of it. What has no known postcode, or one farther away, is
printed to be read, and its verdict stands in `RIGHT` or `WRONG`. Writes its table
into docs/geocoding.md.
"""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import pandas as pd
from geocoding import NEAR_KM, PAGE, SHARED
from tables import write_table

from geocluster.country_names import country_name
from geocluster.distance import distance_km
from geocluster.geocoders import Miss, Place, Query, offline_geocoder, postcode_geocoder
from geocluster.geocoders.place import ask
from geocluster.geocoders.postcode_table import PARTIAL, load_postcodes
from geocluster.geocoders.postcodes import APART_KM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geocluster.geocoders import Geocoder

DRAWN, SEED = 200, 4
_READ = """
NZIA.JK 023410.KQ 2488.HK BRDT3.SA 8312.SR 5314.TWO IMED-L.TA 002683.SZ 8120.HK 1473.HK 600580.SS 1737.TW
300590.SZ ECOR3.SA BCFF11.SA SKG.L 688003.SS 3324.TWO 137940.KQ 1927.HK BEML.NS 002028.SZ 688188.SS 300730.SZ
DIFI.TA AZRM.TA SPI.V PETZ 1810.TW 035510.KS EIA.DU 002088.SZ 2926.TWO NSTR.TA 600549.SS PWON.JK BPTR.JK 2353.TW
3556.TWO 0057.HK HLAN.TA 603298.SS 002338.SZ 9760.T 002383.SZ KOZAL.IS 002224.SZ 300681.SZ HAFNI.OL AFM.V
MRKS.ME KMOL.AT 3485.TWO 3642.TWO 2906.TW ORON.TA JALL3.SA EYAPS.AT FORE.PA 002062.SZ 000937.SZ CMPC.SN 2369.TW
LEVI.TA 4433.TWO FALH.QA TWEKA.AS 123330.KQ AKRN.ME CYBRN.MX 024940.KQ
"""
RIGHT = frozenset(_READ.split())
"""Those that the postcode does not settle, read and found to be the city stated, by symbol."""
WRONG: dict[str, str] = {}
"""Those found to be another place, and why."""


def load_companies() -> pd.DataFrame:
    """Load the companies."""
    return pd.read_csv(SHARED / "listed_companies.csv.gz", dtype=str, keep_default_na=False)


def place(geocoder: Geocoder, queries: Sequence[Query]) -> list[Place | Miss]:
    """Ask once for each distinct query."""
    distinct = list(dict.fromkeys(queries))
    answers = dict(zip(distinct, ask(geocoder, distinct), strict=True))
    return [answers[query] for query in queries]


def count(answers: Sequence[Place | Miss]) -> Counter[str]:
    """Count by status."""
    return Counter(
        answer.status if isinstance(answer, Miss) else "coarse" if answer.precision == "region" else "ok"
        for answer in answers
    )


def gap_to_postcode_km(answer: Place, postcode: str) -> float | None:
    """Measure how far an answer is from the postcode; None where that is not known."""
    codes = load_postcodes()
    i = codes.find(answer.country or "", postcode)
    if i < 0:
        return None
    return float(distance_km(codes.longitude[i], codes.latitude[i], answer.longitude, answer.latitude))


def main() -> None:
    """Place all, check the drawn and write the table."""
    if not SHARED.is_dir():
        sys.exit(f"no shared data: {SHARED} is absent (set GEOCLUSTER_SHARED)")
    table = load_companies()
    fields = zip(table["city"], table["state"], table["country"], strict=True)
    queries = [Query(city=city, region=state, country=country) for city, state, country in fields]
    answers = place(offline_geocoder(), queries)
    coded = [Query("", q.city, q.region, code, q.country) for q, code in zip(queries, table["zipcode"], strict=True)]
    settled = place(postcode_geocoder(), coded)
    found = pd.Series([isinstance(one, Place) and one.precision == "city" for one in answers])
    drawn = table[found].sample(DRAWN, random_state=SEED)
    verdicts: Counter[str] = Counter()
    wrong = []
    for i, row in drawn.iterrows():
        answer = answers[int(str(i))]
        assert isinstance(answer, Place)
        gap = gap_to_postcode_km(answer, row["zipcode"])
        where = f"{row['city']}, {row['state'] or row['zipcode']}, {row['country']}"
        told = f"{answer.name}, {answer.admin1} ({answer.latitude:.2f}, {answer.longitude:.2f})"
        if gap is not None and gap <= NEAR_KM:
            verdicts["right by the postcode"] += 1
            continue
        if row["symbol"] in RIGHT:
            verdicts["right by reading"] += 1
        elif row["symbol"] in WRONG:
            verdicts["wrong by reading"] += 1
            wrong.append(f"{row['name']}, {where}: {told}; {WRONG[row['symbol']]}")
        else:
            verdicts["unread"] += 1
            print(row["symbol"], "|", row["name"], "|", where, row["zipcode"], "->", told, gap, answer.method)
    gaps = pd.Series(
        [
            gap_to_postcode_km(one, code)
            for one, code in zip(answers, table["zipcode"], strict=True)
            if isinstance(one, Place) and one.country not in PARTIAL
        ],
        dtype=float,
    ).dropna()
    conflicts = Counter(str(one.country) for one in settled if isinstance(one, Miss) and "postcode" in one.reason)
    rows = len(table)
    lines = [
        "## Listed companies",
        "",
        f"{rows:,} companies of {table['country'].nunique()} countries by city, state and country:",
        ", ".join(f"{name} {n:,} ({100 * n / rows:.1f} %)" for name, n in count(answers).most_common()) + ".",
        "With the postcodes:",
        ", ".join(f"{name} {n:,} ({100 * n / rows:.1f} %)" for name, n in count(settled).most_common()) + ".",
        "Contradicted by their postcode: "
        + ", ".join(f"{country_name(code)} {n}" for code, n in conflicts.most_common(6))
        + f", others {sum(conflicts.values()) - sum(n for _, n in conflicts.most_common(6))}.",
        "",
        f"{DRAWN} of the answered, drawn by lot (seed {SEED}), checked by the postcode, which the geocoder was",
        "not shown (within 25 km), the others read one by one:",
        ", ".join(f"{n} {name}" for name, n in verdicts.most_common()) + ".",
        *([] if wrong else ["None wrong of 200: with 95 % confidence at most 1.5 % of the answered."]),
        f"Of all {len(gaps):,} answers whose whole postcode is known, {100 * (gaps > NEAR_KM).mean():.1f} % are more",
        f"than 25 km from it, {100 * (gaps > APART_KM).mean():.2f} % more than 50: namesakes, wrong postcodes, and",
        "faults of the table of postcodes.",
    ]
    lines += ["", *(f"- {one}" for one in wrong)] if wrong else []
    write_table(PAGE, "companies", lines)


if __name__ == "__main__":
    main()
