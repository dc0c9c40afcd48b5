"""How do numbers look?"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from geocluster.charts import plot_counts, plot_excess, plot_named_counts, plot_parts, plot_permutations, plot_split
from geocluster.style import COLOUR

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

CRIMSON = COLOUR["crimson"].lower()


def parts() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "value": [0.12, 0.11, 0.01, 0.004],
            "expected": [-0.01, -0.005, -0.005, -0.001],
            "sd": [0.02, 0.02, 0.01, np.nan],
            "p": [0.001, 0.002, 0.31, np.nan],
        },
        index=["whole", "within", "across", "DE-FR"],
    )


def excess() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "of": "cluster",
            "number": [1, 1, 2],
            "reading": "per head",
            "country": ["CH", "FR", "DE"],
            "observed": [33, 10, 1],
            "expected": [14.2, 2.9, 0.0],
            "ratio": [2.3, 3.4, np.inf],
        }
    )


def axes() -> Axes:
    return Figure(figsize=(4, 3), layout="constrained").add_subplot()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_chart_draws_on_the_axes_given_and_has_a_glyph_for_each_sign(language: str) -> None:
    drawings: list[Callable[[Axes], Axes]] = [
        lambda ax: plot_permutations(np.linspace(-1, 1, 99), 0.7, expected=0.0, label="I", ax=ax, language=language),
        lambda ax: plot_parts(parts(), ax, language=language),
        lambda ax: plot_split({"within": 0.1, "across": -0.02}, ax, language=language),
        lambda ax: plot_excess(excess(), ax, language=language),
        lambda ax: plot_named_counts([("$x$ & <b>", 2), ("", 0)], label="$n$", ax=ax, language=language),
        lambda ax: plot_named_counts([], label="n", ax=ax, language=language),
    ]
    for draw in drawings:
        ax = axes()
        assert draw(ax) is ax
        ax.figure.savefig(io.BytesIO(), format="png", dpi=60)  # type: ignore[union-attr]


def test_the_observed_value_lies_where_it_is_among_the_redraws() -> None:
    drawn = np.random.default_rng(1).normal(size=999)
    ax = plot_permutations(np.r_[drawn, np.nan, np.inf], 4.0, expected=0.5, label="I of $x$")
    lines = {line.get_gid(): float(np.asarray(line.get_xdata())[0]) for line in ax.lines}
    assert lines == {"expected": 0.5, "observed": 4.0}
    assert sum(bar.get_height() for bar in ax.patches) == 999  # type: ignore[attr-defined]
    low, high = ax.get_xlim()
    assert low < drawn.min()
    assert high > 4.0
    assert not ax.xaxis.label.get_parse_math()


@pytest.mark.parametrize("simulated", [[], [0.3], [0.3] * 5, [np.nan]])
def test_few_or_equal_redraws_are_no_fault(simulated: list[float]) -> None:
    ax = plot_permutations(simulated, 0.3, expected=float("nan"), label="I")
    assert [line.get_gid() for line in ax.lines] == ["observed"]


def test_each_part_has_its_value_its_band_and_its_p() -> None:
    frame = parts()
    ax = plot_parts(frame)
    values = {str(line.get_gid()): line for line in ax.lines if str(line.get_gid()).startswith("value:")}
    assert {name: float(np.asarray(line.get_xdata())[0]) for name, line in values.items()} == {
        f"value:{name}": value for name, value in frame["value"].items()
    }
    bars = ax.patches
    for bar, (_, row) in zip(bars, frame.iterrows(), strict=True):
        assert bar.get_width() == pytest.approx(0 if np.isnan(row["sd"]) else 4 * row["sd"])  # type: ignore[attr-defined]
    assert [words.get_text() for words in ax.texts] == [
        "0.12  (p 0.001)",
        "0.11  (p 0.002)",
        "0.010  (p 0.31)",
        "0.004  (p –)",
    ]


def test_only_what_crosses_a_border_is_crimson() -> None:
    ax = plot_parts(parts())
    crimson = {line.get_gid() for line in ax.lines if to_hex(line.get_color()) == CRIMSON}
    assert crimson == {"value:across", "value:DE-FR"}
    split = plot_split({"within": 0.11, "across": 0.01})
    assert [bar.get_gid() for bar in split.patches if to_hex(bar.get_facecolor()) == CRIMSON] == ["across"]
    assert CRIMSON not in {to_hex(line.get_color()) for line in plot_excess(excess()).lines}


@pytest.mark.parametrize(("within", "across"), [(0.11, 0.01), (0.2, -0.05), (-0.1, -0.02), (0.0, 0.0)])
def test_the_two_parts_reach_as_far_as_their_sum(within: float, across: float) -> None:
    ax = plot_split({"within": within, "across": across})
    widths = {str(bar.get_gid()): bar.get_width() for bar in ax.patches}  # type: ignore[attr-defined]
    assert widths == pytest.approx({"within": within, "across": across})
    if within * across > 0:
        ends = [bar.get_x() + bar.get_width() for bar in ax.patches]  # type: ignore[attr-defined]
        assert max(map(abs, ends)) == pytest.approx(abs(within + across))


def test_an_excess_without_expectation_has_no_dot() -> None:
    ax = plot_excess(excess())
    assert {line.get_gid() for line in ax.lines if line.get_gid()} == {"excess:1, per head:CH", "excess:1, per head:FR"}
    assert [words.get_text() for words in ax.get_yticklabels()] == ["1, per head", "2, per head"]


def test_an_empty_table_of_parts_is_no_fault() -> None:
    assert plot_parts(parts().iloc[:0]).get_yticklabels() == []


def test_named_counts_stand_in_their_order_with_their_numbers() -> None:
    ax = plot_named_counts([("CNRS", 12_345), ("Inserm", 3), ("Inserm", 1)], label="units")
    assert [bar.get_width() for bar in ax.patches] == [12_345, 3, 1]  # type: ignore[attr-defined]
    heights = [bar.get_y() for bar in ax.patches]  # type: ignore[attr-defined]
    assert heights == sorted(heights, reverse=True)
    assert [words.get_text() for words in ax.texts] == ["12\u202f345", "3", "1"]
    assert [words.get_text() for words in ax.get_yticklabels()] == ["CNRS", "Inserm", "Inserm"]


def test_counts_are_bars_with_their_number_and_share() -> None:
    counts = {"outcome_city": 1_200, "outcome_not_found": 300}
    ax = plot_counts(counts, muted={"outcome_not_found"}, language="ru")
    assert [words.get_text() for words in ax.get_yticklabels()] == ["найдено: город", "не найдено"]
    assert [words.get_text() for words in ax.texts] == ["1\u202f200  (80,0 %)", "300  (20,0 %)"]
    assert {bar.get_gid() for bar in ax.patches} == {f"count:{key}" for key in counts}
    colours = [to_hex(bar.get_facecolor()) for bar in ax.patches]
    assert len(set(colours)) == 2
    assert CRIMSON not in colours
    given = Figure().add_subplot()
    assert plot_counts({}, given) is given
