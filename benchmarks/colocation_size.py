"""How often does each test of co-location claim what is not there, and find what is?

Two countries in a square of 100 km; kinds given at random, in a patch, or by random fields. Size and power
of the quotient, the local quotient, M, m, Kd, mark connection, Clark and Evans, Dixon and the matrix of
kinds; the mean of Ellison and Glaeser's index, which has no test. K, g and nearest are in cross_size.py.
Writes docs/colocation_size.md: `python benchmarks/colocation_size.py --draws 500`. Data sets that are
finished are kept in out/, so that a run can go on where it ended.
"""

from __future__ import annotations

import argparse
import json
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

import numpy as np
from colocation_scenes import (
    ALPHA,
    AT_KM,
    BAND_KM,
    CELL_KM,
    EACH,
    FIRMS,
    INDEX,
    LIFT,
    MEMBERS,
    NEAREST,
    OF_PAIRS,
    PATCH_KM,
    PERMUTATIONS,
    POWER,
    RANGE_KM,
    WIDTH_KM,
    Found,
    one_draw,
)
from scipy import stats
from tables import DOCS, write_table

SCENES = {
    "independent": "kinds at random",
    "border patch": "a patch of one country at the border",
    "fields": "clustered in each country, independently",
    "patch astride": "a patch astride the border",
    "one field": "one field over both countries",
}
METHODS = (
    ("independent", "surrogate", ".037"),
    ("border patch", "surrogate", ".067"),
    ("border patch", "pooled labels", ".107"),
    ("fields", "permutation", ".135"),
    ("fields", "surrogate", ".065"),
    ("one field", "surrogate", ".25"),
)
READINGS = (
    "quotient, across",
    "quotient of one kind, across",
    "quotient, one way across",
    "quotient, both ways in one",
)
INDICES = ("γ of firms", "coagglomeration, firms and universities")
MEANS = ("local quotient", "quotient, one way", "quotient in a band, one way", *INDICES)
"""Of several p in a data set, or of none: their mean over data sets."""
KEPT = DOCS.parent / "out" / "colocation_size.json"
AT_ONCE = 20


def say_share(rows: list[Found], name: str) -> str:
    """Say a share of data sets with its exact 95 % interval; of members, its mean and twice its standard error."""
    told = np.array([row[name] for row in rows if row.get(name, (0.0, 0.0))[1] > 0])
    if not len(told):
        return ""
    if name.startswith(MEANS):
        share = told[:, 0] / told[:, 1]
        error = 2 * share.std(ddof=1) / np.sqrt(len(share)) if len(share) > 1 else float("nan")
        digits = 4 if name in INDICES else 3
        words = f"{share.mean():.{digits}f} ± {error:.{digits}f}"
    else:
        low, high = stats.binomtest(int(told[:, 0].sum()), len(told)).proportion_ci(0.95)
        words = f"{told[:, 0].mean():.3f} ({low:.3f}–{high:.3f})"
    return words.replace("0.", ".")


def is_error(scene: str, name: str) -> bool:
    """Say whether a rejection claims what is not there: everything if kinds are at random, else what crosses."""
    inside = any(word in name for word in ("whole", "within", "home", "own", " all", "any member"))
    return scene == "independent" or (scene not in POWER and (not inside or "abroad" in name))


def table_lines(found: dict[str, list[Found]], names: list[str]) -> list[str]:
    """Lay out tests by scenes; what is rightly found is in italics."""
    lines = [f"| | {' | '.join(SCENES[scene] for scene in found)} |", "|---|" + "---|" * len(found)]
    for name in names:
        cells = []
        for scene, rows in found.items():
            words = say_share(rows, name)
            cells.append(words if not words or name in INDICES or is_error(scene, name) else f"*{words}*")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def method_lines(found: dict[str, list[Found]]) -> list[str]:
    """Put what a prototype gave on scenes of its own beside ours, in each reading."""
    lines = ["| scene | null | prototype | two kinds | one kind | one way | both ways in one |", "|---" * 7 + "|"]
    for scene, null, told in METHODS:
        if scene in found:
            cells = [say_share(found[scene], f"{reading}, {null}") for reading in READINGS]
            lines.append(f"| {SCENES[scene]} | {null} | {told} | {' | '.join(cells)} |")
    if "fields" in found:
        lines.append(
            f"| {SCENES['fields']} | local | .024 | {say_share(found['fields'], 'local quotient, abroad')} | | | |"
        )
    return lines


def draw_all(wanted: dict[str, int], seed: int, workers: int) -> dict[str, list[Found]]:
    """Draw what is not kept yet, scene after scene in rounds, and keep it."""
    setting = f"{seed} {PERMUTATIONS} {OF_PAIRS} {EACH}"
    kept: dict[str, Any] = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    done: dict[str, list[Found]] = kept.setdefault(setting, {})
    seeds = {
        scene: np.random.SeedSequence([seed, number]).spawn(wanted.get(scene, 0)) for number, scene in enumerate(SCENES)
    }
    start = time.perf_counter()
    with ProcessPoolExecutor(workers) as pool:
        while short := [scene for scene in wanted if len(done.get(scene, [])) < wanted[scene]]:
            for scene in short:
                rows = done.setdefault(scene, [])
                now = seeds[scene][len(rows) : len(rows) + AT_ONCE * workers]
                rows += pool.map(partial(one_draw, scene), now, chunksize=5)
                KEPT.parent.mkdir(exist_ok=True)
                beside = KEPT.with_suffix(".part")
                beside.write_text(json.dumps(kept), encoding="utf-8")
                beside.replace(KEPT)
                print(scene, len(rows), f"{time.perf_counter() - start:.0f} s", flush=True)
    return {scene: done[scene][:draws] for scene, draws in wanted.items()}


def main() -> None:
    """Draw all and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--power-draws", type=int, default=200, help="data sets of the scenes of power")
    parser.add_argument("--seed", type=int, default=30)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--scenes", nargs="*", default=list(SCENES), choices=list(SCENES))
    chosen = parser.parse_args()
    wanted = {scene: chosen.power_draws if scene in POWER else chosen.draws for scene in chosen.scenes}
    found = draw_all(wanted, chosen.seed, chosen.workers)
    lines = page_lines(found, chosen)
    write_table("colocation_size.md", "colocation_size", lines)
    print("\n".join(lines))


def page_lines(found: dict[str, list[Found]], chosen: argparse.Namespace) -> list[str]:
    """Write the page."""
    names = list(dict.fromkeys(name for rows in found.values() for name in rows[0]))
    index = [name for name in names if name in INDICES]

    controls = [name for name in names if "controls" in name]

    def of(*words: str) -> list[str]:
        return table_lines(found, [name for name in names if name.startswith(words) and name not in controls])

    members, firms = (" and ".join(f"{share:.0%}" for share in shares) for shares in (MEMBERS, FIRMS))
    control = {scene: rows for scene, rows in found.items() if scene == "independent"}
    return [
        f"Share with p ≤ {ALPHA}; exact 95 % intervals in brackets; {chosen.draws:,} data sets a column, of the two",
        f"last {chosen.power_draws:,}; seed",
        f"{chosen.seed}; `benchmarks/colocation_size.py`. Two countries of {EACH} rows in a square of",
        f"{WIDTH_KM:.0f} km, the border in its middle; {NEAREST} nearest neighbours; distances",
        f"{', '.join(f'{r:g}' for r in AT_KM)} km; P = {PERMUTATIONS}, {OF_PAIRS} where nine pairs of kinds are asked",
        "together. In each country the rows highest in x are firms or universities, at random",
        f"({members} of the rows; of these {firms} are firms), the rest is *other*. x is noise; noise",
        f"raised by {LIFT:g} sd within {PATCH_KM:.0f} km of a point of the border, in one country or in both; or a",
        f"Gaussian field with correlation exp(-d/{RANGE_KM:.0f} km), one a country or one over both.",
        "",
        "Plain: errors. *In italics*: what is there, so that the share is power: whole and at home wherever kinds",
        "cluster, and all of the last two columns. K, g and nearest neighbours, and the nulls background and shift,",
        "are in [cross_size.md](cross_size.md); L has the p of K.",
        "",
        "## The quotient",
        "",
        *of("quotient"),
        "",
        "*quotient*: firm → university; *of one kind*: firm → firm. *across*: the larger p of two ways (firms of one",
        "country near universities of the other, and the reverse). *one way*: share of the two ways' own p, mean over",
        "data sets ± 2 standard errors. *both ways in one* (not offered): the sum over both ways, all labels of one",
        "country permuted, the other held, the larger of the two p; *pooled labels*: permuted over both countries.",
        f"*in a band*: all within {BAND_KM:.0f} km for neighbours.",
        "",
        "Across the quotient errs far less than .05, and finds little. The two ways rest on different pairs and hardly",
        "depend on each other, so that the larger of their p is rarely small: it says that *both* ways hold. One way",
        "alone (`result.cross`) is near the figures of the prototype, though below .05 where kinds are at random, for",
        "few pairs cross and its p takes few values; but a patch of the country that is redrawn can make it small.",
        "More neighbours, as in the band, find more.",
        "",
        "## The local quotient; pairs of kinds together",
        "",
        "*Local quotient*: share of the firms tested, mean over data sets ± 2 standard errors (members of one data",
        "set depend on each other). *any*: data sets in which any is left after Benjamini–Hochberg; where kinds are",
        "at random each is a false discovery.",
        "",
        *of("local", "any member", "Dixon", "matrix"),
        "",
        "Exact p of few neighbours take few values, and stay below .05; redraws with a kernel come to it. Where each",
        "country has clusters of its own, neighbours abroad are alike, and redrawing them one by one makes too many",
        "members significant abroad: joint and border-made are descriptive. The foreign side of Dixon's table, one",
        "neighbour a row and the larger of two p, can show next to nothing.",
        "",
        "## Curves and nearest neighbours",
        "",
        "Firms near universities; Kd and Clark–Evans: firms near firms. Null: labelling. *whole*, *within*,",
        "*across*: p of the whole curve, two-sided, both countries relabelled. *attraction*: the larger of two",
        "one-sided p, one country held in each.",
        "",
        *of("M,", "m,", "Kd", "mark", "Clark"),
        "",
        "**Across alone claims no attraction**: a patch of one country at the border, or clusters of each, make more",
        "pairs across than labels at random. *attraction* withstands the patch, for one country is held. It does **not",
        "hold where both countries have clusters of their own**: relabelling breaks clusters up, so that those which",
        "meet at the border by chance look like attraction, and for curves there are no surrogates, which keep them",
        "together. There take the quotient across, or the spanning test. Clark–Evans' *foreign* relabels both",
        "countries and is no claim of attraction either; it sees the nearest only, and hardly a patch.",
        "",
        "The same with the other rows for controls:",
        "",
        *table_lines(control, controls),
        "",
        "## The figures the method rests on",
        "",
        "Of the quotient across. Other seeds, code and scenes than the prototype's, whose extent, kinds and shares of",
        "kinds are not known.",
        "",
        *method_lines(found),
        "",
        "## Ellison and Glaeser's index",
        "",
        f"It has no test. Mean ± 2 standard errors over data sets, squares of {CELL_KM:.0f} km, by country, for",
        f"regions. With all labels at random both are -1/(N - 1) = {-1 / (2 * EACH - 1):.4f}, for the kind is in the",
        "shares of all; the countries' unlike levels add to it.",
        "",
        *table_lines({scene: rows for scene, rows in found.items() if scene in INDEX}, index),
    ]


if __name__ == "__main__":
    main()
