"""Draw data sets in several processes; keep what is finished in out/, so that a run goes on where it ended."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from tables import DOCS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import Executor

BLOCK = 100


def draws_parser(description: str | None, *, seed: int) -> argparse.ArgumentParser:
    """Give the options that all tables of simulated data sets take."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--seed", type=int, default=seed)
    parser.add_argument("--workers", type=int, default=2)
    return parser


def count_claims(
    draw: Callable[[np.random.SeedSequence], Mapping[str, bool]],
    *,
    file: str,
    settings: str,
    seed: list[int],
    draws: int,
    pool: Executor | None,
) -> Counter[str] | None:
    """Count claims, question by question, over so many data sets; without a pool only if all are kept, else None.

    Data set k hangs on the seed and on k alone, so that more of them can be added later.
    `settings` says all that the counts hang on: kept ones are used under the same words only.
    """
    path = DOCS.parent / "out" / file
    total: Counter[str] = Counter()
    children = np.random.SeedSequence(seed).spawn(draws)
    for start in range(0, draws, BLOCK):
        part = children[start : start + BLOCK]
        name = f"{settings} | seed {seed} | {start} to {start + len(part)}"
        kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        if name not in kept:
            if pool is None:
                return None
            counts: Counter[str] = Counter()
            for found in pool.map(draw, part, chunksize=5):
                counts.update({question: int(yes) for question, yes in found.items()})
            kept[name] = dict(counts)
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(kept, indent=1), encoding="utf-8")
        total.update(kept[name])
    return total
