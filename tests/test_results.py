"""The form of every answer."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from geocluster.errors import OptionError
from geocluster.results import Provenance, Result, library_versions

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Answer(Result):
    words: str
    provenance: Provenance

    def to_frame(self) -> pd.DataFrame:
        return pd.DataFrame({"name": [self.words]})

    def plot(self, ax: Axes | None = None) -> Axes:
        assert ax is not None
        ax.set_title(self.words)
        return ax

    def sentence(self) -> str:
        return self.words

    def facts(self) -> list[str]:
        return ["a fact of <b>", *self.provenance.facts()]


def answer(words: str = "5 > 3") -> Answer:
    return Answer(words, Provenance({"radius_km": 10}, "7", ["GeoNames"], {"geocluster": "0"}))


def test_an_answer_needs_all_its_parts() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Result()  # type: ignore[abstract]


def test_the_summary_is_the_sentence_then_the_facts_and_the_repr_the_sentence() -> None:
    assert answer().summary().splitlines() == [
        "5 > 3",
        "  a fact of <b>",
        "  radius_km 10",
        "  seed 7",
        "  data: GeoNames",
        "  geocluster 0",
    ]
    assert repr(answer()) == "<5 > 3>"


def test_an_answer_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        answer().words = "other"  # type: ignore[misc]


def test_a_notebook_gets_escaped_words() -> None:
    html = answer("<script>alert(1)</script>")._repr_html_()
    assert "<script>" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2  # the sentence and the table
    assert "a fact of &lt;b&gt;" in html


def test_the_figure_is_the_quick_look_on_a_page_and_knows_two_languages() -> None:
    page = answer().figure()
    assert [ax.get_title() for ax in page.axes] == ["5 > 3"]
    assert answer().figure(language="ru").axes
    with pytest.raises(OptionError, match="'en' or 'ru', got 'fr'"):
        answer().figure(language="fr")


def test_versions_are_those_installed() -> None:
    found = library_versions()
    assert found["numpy"] == version("numpy")
    assert found["geocluster"] == version("geocluster-borders")
    assert Provenance({}).versions == found


def test_a_seed_that_is_not_there_is_not_told() -> None:
    assert not [fact for fact in Provenance({"a": 1}).facts() if fact.startswith("seed")]
