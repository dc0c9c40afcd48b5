"""Curves of pairs in the plane against spatstat's, to the tolerance of each case."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from shapely import box

from geocluster.cross.planar import Window, estimate_g, estimate_k, estimate_nearest

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

CASES = ("amacrine", "betacells", "rhine_country", "simborder")
COUNTRY_CASES = ("simborder_firmAA_universityAA", "simborder_firmAA_universityBB")
# column of the reference → our correction. Isotropic, Kaplan–Meier and Hanisch corrections are not offered;
# the binned `border` is compared through `exact_border`, the direct formula, as the cases' notes ask
COLUMNS = {"un": "none", "trans": "translation", "exact_border": "border"}


class Case:
    """One case: points, window and the reference's numbers."""

    def __init__(self, folder: Path) -> None:
        self.rows = pd.read_csv(folder / "input.csv", keep_default_na=False)
        told = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
        self.values, self.tolerance, self.params = told["values"], told["tolerance"], told["params"]
        shape = self.params["window"]
        assert shape["type"] == "rectangle"
        self.window = Window(box(shape["xrange"][0], shape["yrange"][0], shape["xrange"][1], shape["yrange"][1]))
        self.xy = self.rows[["x", "y"]].to_numpy(dtype=np.float64)
        column = self.params.get("mark_column", "kind")
        self.mark = self.rows[column].to_numpy()
        self.everyone = np.ones(len(self.xy), dtype=bool)

    def of(self, name: str) -> NDArray[np.bool_]:
        """Points with the mark that the case calls i or j."""
        return np.asarray(self.mark == self.params[name], dtype=bool)

    def compare(self, found: NDArray[np.float64], told: list[float | None], *, rel: float | None = None) -> None:
        """Compare to the case's tolerance where the reference is defined."""
        reference = np.array([np.nan if one is None else one for one in told], dtype=np.float64)
        defined = np.isfinite(reference)
        assert defined.sum() >= 10
        np.testing.assert_allclose(
            found[defined], reference[defined], rtol=rel or self.tolerance["rel"], atol=self.tolerance["abs"]
        )


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("statistic", ["Kcross", "Kdot", "Kest", "Lcross"])
def test_k(shared: Path, statistic: str, case: str, column: str) -> None:
    told = Case(shared / "oracles" / statistic / case)
    ways: dict[str, Any] = told.values if "ij" in told.values else {"": told.values}
    for way, values in ways.items():
        first, second = {
            "Kest": (told.everyone, told.everyone),
            "Kdot": (told.of("i"), told.everyone),
        }.get(statistic, (told.of("j"), told.of("i")) if way == "ji" else (told.of("i"), told.of("j")))
        at = np.array(values["r"], dtype=np.float64)
        k = estimate_k(told.window, told.xy, first, second, at, correction=COLUMNS[column])  # type: ignore[arg-type]
        if statistic == "Lcross":
            k = np.sqrt(k / np.pi)
            if column == "exact_border":  # L has the binned border only: to the tolerance the case gives it
                told.compare(k, values["border"], rel=told.tolerance["border_rel"])
                continue
        told.compare(k, values[column])


@pytest.mark.parametrize("case", COUNTRY_CASES)
@pytest.mark.parametrize("column", COLUMNS)
def test_k_by_country(shared: Path, case: str, column: str) -> None:
    told = Case(shared / "oracles" / "Kmulti_country" / case)
    kind, country = told.rows["kind"].to_numpy(), told.rows["country"].to_numpy()
    first = (kind == "firm") & (country == told.params["I"])
    second = (kind == "university") & (country == told.params["J"])
    at = np.array(told.values["r"], dtype=np.float64)
    found = estimate_k(told.window, told.xy, first, second, at, correction=COLUMNS[column])  # type: ignore[arg-type]
    told.compare(found, told.values[column])


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("column", ["trans", "exact_border"])
def test_inhomogeneous_k(shared: Path, case: str, column: str) -> None:
    told = Case(shared / "oracles" / "Kcross_inhom" / case)
    at = np.array(told.values["r"], dtype=np.float64)
    lambdas = told.rows["lambda_i"].to_numpy(dtype=np.float64), told.rows["lambda_j"].to_numpy(dtype=np.float64)
    found = estimate_k(
        told.window, told.xy, told.of("i"), told.of("j"), at, correction=COLUMNS[column], intensity=lambdas  # type: ignore[arg-type]
    )  # fmt: skip
    told.compare(found, told.values[column])
    one = Case(shared / "oracles" / "Kinhom" / case)
    own = one.rows["lambda"].to_numpy(dtype=np.float64)
    for name, values in one.values.items():
        found = estimate_k(
            one.window, one.xy, one.everyone, one.everyone, np.array(values["r"], dtype=np.float64),
            correction=COLUMNS[column], intensity=(own, own), renormalise=name == "renormalise_true",  # type: ignore[arg-type]
        )  # fmt: skip
        one.compare(found, values[column])


@pytest.mark.parametrize("case", CASES)
def test_pair_correlation(shared: Path, case: str) -> None:
    told = Case(shared / "oracles" / "pcfcross" / case)
    at = np.array(told.values["r"], dtype=np.float64)
    found = estimate_g(told.window, told.xy, told.of("i"), told.of("j"), at, correction="translation")
    told.compare(found, told.values["exact_trans"], rel=told.tolerance["exact_rel"])


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("column", "correction"), [("raw", "none"), ("rs", "border")])
def test_nearest(shared: Path, case: str, column: str, correction: Any) -> None:
    told = Case(shared / "oracles" / "Gcross" / case)
    at = np.array(told.values["r"], dtype=np.float64)
    found = estimate_nearest(told.window, told.xy, told.of("i"), told.of("j"), at, correction=correction)
    told.compare(found, told.values[column])


@pytest.mark.parametrize(
    ("statistic", "case"),
    [*(("split_K", case) for case in (*CASES, "simborder_country")), ("split_Kcross", "simborder")],
)
@pytest.mark.parametrize("column", ["un", "trans"])
def test_parts_by_mark_or_country_add_up(shared: Path, statistic: str, case: str, column: str) -> None:
    told = Case(shared / "oracles" / statistic / case)
    by = told.rows["country"].to_numpy() if statistic == "split_Kcross" else told.mark
    first, second = (told.of("i"), told.of("j")) if statistic == "split_Kcross" else (told.everyone, told.everyone)
    at = np.array(told.values["total"]["r"], dtype=np.float64)
    within, across = np.zeros(len(at)), np.zeros(len(at))
    for way, part in told.values["parts"].items():
        a, b = way.split("->")
        one, two = first & (by == a), second & (by == b)
        found = estimate_k(told.window, told.xy, one, two, at, correction=COLUMNS[column])  # type: ignore[arg-type]
        told.compare(found, part[f"K_{column}"])
        if a == b:
            within += part["weight"] * found
        else:
            across += part["weight"] * found
    told.compare(within, told.values["within_contribution"][column])
    told.compare(across, told.values["cross_contribution"][column])
    told.compare(within + across, told.values["total"][column])
