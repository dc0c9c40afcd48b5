"""How often do a pooled scan and a plain partial conjunction claim what is not there?

Adds the other rows of the table to docs/spanning_size.md, on the data sets of `spanning_size.py`:
`python benchmarks/spanning_comparators.py --draws 500`. Finished rows are kept in out/.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
from comparators import R_MAX_KM, lay, plain_conjunction, pooled_scan, second_largest
from kept import count_claims, draws_parser
from scenarios import SCENARIOS, draw_scene
from spanning_size import (
    ALPHA,
    HEAD,
    PERMUTATIONS,
    PROTOTYPE_DRAWS,
    PROTOTYPE_DRAWS_FEW,
    beside_peer,
    judge_level,
    say_share,
)
from tables import write_table

POOLED, PLAIN, HALVED, SECOND = (
    "pooled scan, two countries in the window",
    "plain partial conjunction, p = p_(2)",
    "plain partial conjunction, p = 2 p_(2)",
    "second-largest LLR, complete null",
)
# what a prototype gave, scenario by scenario; None: not told
PROTOTYPE: dict[str, tuple[float | None, ...]] = {
    POOLED: (0.03, 0.93, 0.86, 0.05, 1.00, None, None, None),
    PLAIN: (0.000, 0.003, 0.000, 0.000, 0.010, 0.06, 0.52, 0.96),
    HALVED: (0.000, 0.003, 0.000, 0.000, 0.010, 0.06, 0.52, 0.96),
    SECOND: (0.04, 0.18, 0.11, 0.04, 0.26, None, None, None),
}


def one_draw(scenario: str, seed: np.random.SeedSequence) -> dict[str, bool]:
    """Draw one scene and ask every test of it."""
    rng = np.random.default_rng(seed)
    laid = lay(draw_scene(scenario, rng))
    if laid is None:
        return dict.fromkeys(PROTOTYPE, False)
    pooled = pooled_scan(laid, permutations=PERMUTATIONS, rng=rng)
    plain = plain_conjunction(laid, permutations=PERMUTATIONS, rng=rng)
    second = second_largest(laid, permutations=PERMUTATIONS, rng=rng)
    least = {POOLED: pooled.min(), PLAIN: plain.min(), HALVED: 2 * plain.min(), SECOND: second.min()}
    return {test: bool(p <= ALPHA) for test, p in least.items()}


def table_lines(counts: dict[str, dict[str, int]], draws: int) -> list[str]:
    """Rows: tests; columns: scenarios. Then each figure beside the prototype's."""
    lines = [f"| | {' | '.join(HEAD[scenario] for scenario in SCENARIOS)} |", "|---|" + "---|" * len(SCENARIOS)]
    lines += [
        f"| {test} | {' | '.join(say_share(counts[scenario][test], draws) for scenario in SCENARIOS)} |"
        for test in PROTOTYPE
    ]
    lines += [
        "",
        "| | scenario | here | prototype | p of a difference | agree? | level .05 held? |",
        "|---|---|---|---|---|---|---|",
    ]
    for test, shares in PROTOTYPE.items():
        for scenario, share in zip(SCENARIOS, shares, strict=True):
            if share is None:
                continue
            count = counts[scenario][test]
            power = scenario.startswith("power")
            peer_draws = PROTOTYPE_DRAWS_FEW if power or scenario == "h" else PROTOTYPE_DRAWS
            held = "power" if power else judge_level(count, draws)
            cells = [test, HEAD[scenario], say_share(count, draws), *beside_peer(count, draws, share, peer_draws), held]
            lines.append(f"| {' | '.join(cells)} |")
    return lines


def main() -> None:
    """Draw all scenes and write the table."""
    chosen = draws_parser(__doc__, seed=20).parse_args()
    counts: dict[str, dict[str, int]] = {}
    with ProcessPoolExecutor(chosen.workers) as pool:
        for number, scenario in enumerate(SCENARIOS):
            found = count_claims(
                partial(one_draw, scenario),
                file="spanning_comparators.json",
                settings=f"{scenario}, r_max {R_MAX_KM:g}, P {PERMUTATIONS}, alpha {ALPHA}",
                seed=[chosen.seed, number],
                draws=chosen.draws,
                pool=pool,
            )
            counts[scenario] = dict(found or {})
            print(scenario, counts[scenario], flush=True)
    lines = [
        "## Other tests on the same data",
        "",
        f"The same {chosen.draws:,} data sets a column (seed {chosen.seed}), P = {PERMUTATIONS}, α = {ALPHA},",
        f"per head, whole countries; circles up to {R_MAX_KM:g} km about places, holding background of both countries,",
        "as *cross-screened* asks them. `benchmarks/spanning_comparators.py`; none of them is part of the package.",
        "",
        "- *Pooled scan*: organisations of both countries together against all places (Kulldorff 1997), E added over",
        "  the countries; a window with p ≤ α that holds an organisation of each counts as spanning. One country's",
        "  cluster at the border is nearly always taken for a spanning one: scans find clusters, they do not tell",
        "  whose. (c) is claimed less often than in the prototype: which circles its scan asked is not known.",
        "- *Plain partial conjunction*: p_c against the maximum over *all* circles, then the second-smallest",
        "  (Benjamini & Heller 2008). With two countries it holds its level as p_(2) alone; the prototype's power is",
        "  that of 2 p_(2), which pays K = 2 as the spanning test does. Screening by the other country buys the rest",
        "  of the power of *cross-screened* above.",
        "- *Second-largest LLR, complete null*: both countries redrawn together. It holds where there is no cluster",
        "  at all, and there only.",
        "",
        *table_lines(counts, chosen.draws),
    ]
    write_table("spanning_size.md", "spanning_comparators", lines)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
