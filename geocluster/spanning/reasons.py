"""What stands in the way of a claim, the first thing first?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocluster.spanning.families import AT_LEAST_A_SIDE
from geocluster.spanning.reach import WHOLE_COUNTRY, say_window
from geocluster.spanning.screening import SELECTION_LEVEL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geocluster.spanning.evidence import Evidence


def why_not(
    inside: list[dict[str, Any]], row: dict[str, Any], totals: dict[str, int], at_least: int, alpha: float
) -> str:
    """Say it of the best circle: its countries, its row, and all organisations of each country."""
    if row["p"] <= row["level"]:
        few = [f"{one['country']} {one['observed']:.0f}" for one in inside if one["observed"] < AT_LEAST_A_SIDE]
        return f"fewer than {AT_LEAST_A_SIDE} organisations on a side: {', '.join(few)}"
    if row["p"] <= alpha:
        if row["p_adjusted"] > alpha:
            return f"p {row['p_adjusted']:.2g} after Benjamini–Hochberg over the borders"
        return f"p above {row['level']:.2g}, the level that Benjamini–Hochberg leaves inside this border"
    whole = [one for one in inside if one["expected"] > WHOLE_COUNTRY * totals[one["country"]]]
    if whole:
        return "; ".join(say_window(one["country"], share=one["expected"] / totals[one["country"]]) for one in whole)
    high = [one for one in inside if one["observed"] > one["expected"]]
    if len(high) < at_least:
        low = [f"{one['country']} {one['observed']:.0f} ({one['expected']:.1f} expected)" for one in inside
               if one not in high]  # fmt: skip
        return f"no excess of {', '.join(low)}"
    chance = [f"{one['country']} (π {one['tail']:.2g})" for one in high if one["tail"] > SELECTION_LEVEL]
    if len(high) - len(chance) < at_least:
        return f"could be chance in one circle alone, above π {SELECTION_LEVEL:g}: {', '.join(chance)}"
    weak = [f"{one['country']} (p {one['p']:.2g})" for one in high if row["countries"] * one["p"] > alpha]
    return f"chance reaches as high on some circle searched, times K = {row['countries']}: {', '.join(weak)}"


def why_no_border(evidence: Evidence, pair: list[str]) -> str:
    """Say why a border was not asked about."""
    said = why_too_few(evidence, pair)
    return said or "not asked: fewer than 3 organisations expected within reach of the other side"


def why_no_region(evidence: Evidence, asked: list[str], at_least: int, gap: NDArray[np.float64]) -> str:
    """Say why nothing was asked of some countries; `gap` is how far each place is from the middle, km."""
    said = why_too_few(evidence, asked)
    if at_least > len(asked) > 1:
        only = f"no circle here reaches {at_least} countries, only {' and '.join(sorted(asked))}"
        return f"{only}; {said}" if said else only
    if len(asked) < at_least:
        others = ~np.isin(np.asarray(evidence.codes)[evidence.country], asked)
        if others.any():
            nearest = int(np.argmin(np.where(others, gap, np.inf)))
            where = f"{evidence.codes[evidence.country[nearest]]}, {gap[nearest]:.0f} km away"
            said = f"the nearest place of another is in {where}{f'; {said}' if said else ''}"
        return f"no circle here reaches a second country{f'; {said}' if said else ''}"
    return said or f"fewer than {at_least} of these countries stand near each other: nothing to span"


def why_too_few(evidence: Evidence, names: Sequence[str]) -> str:
    """Name the countries with too few organisations to be tested; nothing if all have enough."""
    said = []
    for name in names:
        c = evidence.codes.index(name) if name in evidence.codes else -1
        n = int(evidence.count[evidence.country == c].sum())
        if c not in evidence.organisations:
            said.append(f"{name} has {n} organisation{'' if n == 1 else 's'} here: fewer than 5 are no country to test")
    return "; ".join(said)
