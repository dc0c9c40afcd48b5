"""From a table to an analysis, in one call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point, box

from geocluster.errors import GraphSizeError, OptionError, SchemaError
from geocluster.pipeline import EXAMPLES, Analysis, analyse, check_options, load_example, load_study_area

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TOWNS = {"Basel": "CH", "Lörrach": "DE", "Mulhouse": "FR", "Freiburg im Breisgau": "DE"}
KINDS = ["firm", "university", "institute", "public body"]


def table(each: int = 6) -> pd.DataFrame:
    rows: list[dict[str, Any]] = [
        {"name": f"{town} {k}", "kind": KINDS[k % 4], "city": town, "country": country, "founded": 1900 + 7 * k}
        for town, country in TOWNS.items()
        for k in range(each)
    ]
    rows.append({"name": "Lost", "kind": "firm", "city": "Nowhere-on-Sea", "country": "DE", "founded": 2000})
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return analyse(table(), study_area=box(7, 47, 8.5, 48.5), value="founded", rng=1, workers=2, title=" Two\n towns ")


def test_no_row_is_lost_and_the_table_given_is_not_changed(analysis: Analysis) -> None:
    given = table()
    assert sorted([*analysis.table.index, *analysis.set_aside.index]) == given.index.tolist()
    assert analysis.set_aside["name"].tolist() == ["Lost"]
    assert analysis.set_aside["reason"].str.contains("Nowhere-on-Sea").all()
    before = given.copy()
    analyse(given, rng=1)
    pd.testing.assert_frame_equal(given, before)


def test_the_parts_tell_the_same_as_the_rooms_they_come_from(analysis: Analysis) -> None:
    frame = analysis.to_frame()
    assert analysis.table["cluster"].value_counts().to_dict() == frame["n"].to_dict()
    pd.testing.assert_series_equal(frame["verdict"], analysis.spanning.clusters["verdict"], check_names=False)
    own = analysis.spanning.readings.set_index(["cluster", "reading"])
    for label in frame.index:
        for reading in analysis.spanning.asked:
            word = reading.replace(" ", "_")
            line = own.loc[(label, reading)]
            assert frame.at[label, f"p_{word}"] == line["p"]
            radius = float(frame[f"r_km_{word}"][label])
            assert radius == line["r_km"] if line["claimed"] else np.isnan(radius)


def test_two_towns_astride_the_border_span_it_and_others_do_not(analysis: Analysis) -> None:
    frame = analysis.to_frame().set_index("countries")
    assert str(frame.at["CH DE", "verdict"]).startswith("spans")
    assert set(frame["verdict"].drop("CH DE")) == {"in one country"}
    assert analysis.sentence() == "24 stakeholders placed, 3 clusters, 1 shown to span"


def test_what_made_it_is_kept(analysis: Analysis) -> None:
    assert analysis.title == "Two towns"
    made = analysis.provenance
    assert made.seed == "1"
    assert made.parameters["radius_km"] == 10
    assert made.parameters["value"] == "founded"
    assert made.parameters["permutations"] == analysis.spanning.permutations
    assert any("CC BY 4.0" in source for source in made.sources)
    assert analysis.autocorrelation is not None
    assert analysis.colocation is not None


def test_the_same_seed_gives_the_same_on_any_number_of_workers(analysis: Analysis) -> None:
    again = analyse(table(), study_area=box(7, 47, 8.5, 48.5), value="founded", rng=1, workers=1)
    pd.testing.assert_frame_equal(again.to_frame(), analysis.to_frame())
    pd.testing.assert_frame_equal(again.spanning.counts, analysis.spanning.counts)
    assert again.autocorrelation is not None
    assert analysis.autocorrelation is not None
    pd.testing.assert_frame_equal(again.autocorrelation.parts, analysis.autocorrelation.parts)


def test_the_order_of_rows_is_of_no_matter_to_clusters_and_verdicts(analysis: Analysis) -> None:
    turned = analyse(table().iloc[::-1], study_area=box(7, 47, 8.5, 48.5), value="founded", rng=1, workers=2)
    pd.testing.assert_frame_equal(turned.to_frame(), analysis.to_frame())
    pd.testing.assert_series_equal(turned.table["cluster"].sort_index(), analysis.table["cluster"])


def test_a_table_at_any_stage_comes_to_the_same(analysis: Analysis) -> None:
    from geocluster import assign_countries, geocode

    options: dict[str, Any] = {"study_area": box(7, 47, 8.5, 48.5), "rng": 1, "workers": 2}
    located = geocode(table())
    for stage in (located, assign_countries(located), analysis.table):
        pd.testing.assert_frame_equal(analyse(stage, **options).to_frame(), analysis.to_frame())


@pytest.mark.parametrize(("limit", "left_out"), [(30.0, 4), (50.0, 1), (20.0, 7)])
def test_the_statistics_take_rows_placed_as_surely_as_told(analysis: Analysis, limit: float, left_out: int) -> None:
    from geocluster.summary import summary_lines

    placed = analysis.table.drop(columns="cluster")
    placed.loc[placed.index[:7], "radius_km"] = [51.0, 40.0, 40.0, 40.0, 21.0, 21.0, 21.0]
    found = analyse(placed, study_area=box(7, 47, 8.5, 48.5), max_radius_km=limit, permutations=199, rng=1)
    assert found.set_aside.index.tolist() == placed.index[:left_out].tolist()
    assert len(found.table) == len(placed) - left_out
    assert found.spanning.set_aside.empty  # it takes what it is told too
    rows = "row" if left_out == 1 else "rows"
    words = f"Left out of the statistics: {left_out} {rows} placed less certainly than {limit:g} km (95 % radius)"
    assert words in summary_lines(found)


def test_postcodes_settle_which_town_is_meant() -> None:
    towns = pd.DataFrame(
        {"name": list("abcdef"), "city": "Neustadt", "country": "DE", "postcode": ["67433"] * 5 + [None]}
    )
    found = analyse(towns, permutations=39, rng=1)
    assert found.table["name"].tolist() == list("abcde")
    assert set(found.table["precision"]) == {"postcode"}
    assert found.set_aside["geo_status"].tolist() == ["ambiguous"]


def test_points_alone_are_enough() -> None:
    points = gpd.GeoDataFrame(
        geometry=[Point(7.58 + k / 1000, 47.55) for k in range(6)], crs="EPSG:4326", index=list("abcdef")
    )
    found = analyse(points.to_crs("EPSG:3035"), rng=1)
    assert found.table["name"].tolist() == list("abcdef")
    assert set(found.table["kind"]) == {"other"}
    assert set(found.table["country"]) == {"CH"}
    assert found.to_frame()["n"].tolist() == [6]
    assert "name" not in points.columns


def test_all_faults_of_the_options_are_told_at_once_before_the_table_is_looked_at() -> None:
    with pytest.raises(OptionError) as told:
        analyse(
            "no table",  # type: ignore[arg-type]
            radius_km=-1,
            minimum=0,
            r_max_km=501,
            study_area="world",
            max_radius_km=0,
            permutations=38,
            rng=-1,
            workers=0,
        )
    words = str(told.value)
    assert words.startswith("the options cannot be used: 8 faults")
    for name in ("radius_km", "minimum", "r_max_km", "'world'", "max_radius_km", "got 38", "seed", "workers"):
        assert name in words


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 0, "ten", [1]])
def test_a_radius_is_a_number_above_nought(bad: Any) -> None:
    with pytest.raises(OptionError, match="radius_km must be"):
        check_options(radius_km=bad)


def test_the_fewest_permutations_allowed_can_claim_something() -> None:
    check_options(permutations=39)
    assert 2 * 1 / (39 + 1) <= 0.05 < 2 * 1 / (38 + 1)  # two countries times the least p
    with pytest.raises(OptionError, match="Give at least 59"):  # three countries need more: said once they are counted
        analyse(table(), permutations=39, rng=1)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ([1], "not list"),
        (pd.DataFrame({"name": [], "city": []}), "no rows"),
        (
            pd.DataFrame({"name": ["a"], "founded": [1900]}),
            "(?s)the only row cannot be placed.*none tells a place.*founded",
        ),
        (pd.DataFrame({"name": ["a", "b"], "city": ["Nowhere-on-Sea"] * 2, "country": ["CH"] * 2}), "none of 2 rows"),
        (pd.DataFrame({"name": ["a"] * 2, "city": ["Basel"] * 2}, index=[1, 1]), "stand twice"),
        (gpd.GeoDataFrame({"name": ["a"]}, geometry=[Point(7, 47)]), "no CRS"),
        (gpd.GeoDataFrame({"name": ["a"]}, geometry=[box(7, 47, 8, 48)], crs="EPSG:4326"), "Polygon"),
    ],
)
def test_tables_of_which_nothing_can_come_are_told_why(bad: Any, words: str) -> None:
    with pytest.raises(SchemaError, match=words):
        analyse(bad, rng=1)


def test_reasons_are_counted_the_commonest_first() -> None:
    towns = ["Nowhere-on-Sea"] * 3 + [f"Noplace {k}" for k in range(7)]
    with pytest.raises(SchemaError) as told:
        analyse(pd.DataFrame({"name": towns, "city": towns, "country": "CH"}))
    lines = str(told.value).splitlines()
    assert lines[0] == "none of 10 rows can be placed: 6 faults"
    assert lines[1].startswith("  3 rows: ")
    assert lines[-1] == "  3 rows: for other reasons."


def test_a_study_area_that_holds_none_of_the_rows_is_refused() -> None:
    with pytest.raises(OptionError, match="holds none of the 24 stakeholders"):
        analyse(table(), study_area=box(17, 47, 18, 48), rng=1)


def test_an_absent_column_of_values_is_refused_with_the_nearest_and_one_of_words_by_its_words() -> None:
    with pytest.raises(OptionError, match=r"no column 'foundd'. Is it 'founded'\?"):
        analyse(table(), value="foundd")
    with pytest.raises(SchemaError, match="no numbers"):
        analyse(table(), value="city")


def test_too_few_values_are_noted_and_nothing_else_stops() -> None:
    few = table().assign(founded=[1900.0] * 8 + [np.nan] * 17)
    found = analyse(few, value="founded", rng=1)
    assert found.autocorrelation is None
    assert any("no Moran's I of founded: 8 of the rows placed" in note for note in found.notes)


def test_a_column_named_cluster_is_kept() -> None:
    found = analyse(table().assign(cluster="mine"), rng=1)
    assert set(found.table["cluster_original"]) == {"mine"}
    assert str(found.table["cluster"].dtype) == "Int64"
    assert analyse(table().assign(cluster=range(25)), value="cluster", rng=1).autocorrelation is not None


def test_twins_and_other_kinds_are_kept_and_noted() -> None:
    odd = pd.concat([table(), table().head(2)], ignore_index=True)
    odd.loc[3, "kind"] = "lab\nwith " + "x" * 500
    found = analyse(odd, rng=1)
    assert len(found.table) == 26
    twins, kinds = found.notes
    assert twins.startswith("4 rows name an organisation more than once")
    assert twins.endswith("Basel 0, Basel 1")
    assert kinds.startswith("1 other word for kind")
    assert "\n" not in kinds
    assert len(kinds) < 150


def test_controls_are_asked_in_place_of_population() -> None:
    found = analyse(table(), controls=table(30), rng=1)
    assert found.spanning.asked == ["controls"]
    assert found.provenance.parameters["controls"] == 121
    # the controls stand where the cases stand: nothing is more than its share
    assert not found.to_frame()["verdict"].str.startswith("spans").any()


def test_progress_is_told_what_lasts_and_a_plain_wrapper_will_do() -> None:
    seen = []

    def wrap(items: Iterable[Any], *, desc: str) -> Iterator[Any]:
        seen.append(desc)
        yield from items

    analyse(table(), controls=table(30), rng=1, progress=wrap)
    assert seen == ["geocoding", "geocoding controls", "spanning test"]
    assert analyse(table(), rng=1, progress=lambda items: items).to_frame()["n"].tolist() == [12, 6, 6]


def test_100_000_rows_in_one_city_have_clusters_and_no_graph() -> None:
    n = 100_000
    big = pd.DataFrame(
        {"name": "A", "kind": np.resize(KINDS, n), "city": "Basel", "country": "CH", "founded": np.arange(n)}
    )
    found = analyse(big.assign(name=[f"A {k}" for k in range(n)]), value="founded", rng=1)
    assert found.to_frame()["n"].tolist() == [n]
    assert found.autocorrelation is None
    assert found.colocation is None
    assert any("9,999,900,000 edges, more than 100,000,000" in note for note in found.notes)
    assert "Note: no statistics of neighbours" in found.summary()
    from geocluster import build_graph

    with pytest.raises(GraphSizeError):
        build_graph(found.table, nearest=8)


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_example_lies_in_its_area_and_has_every_kind_on_every_side(name: Any) -> None:
    rows = load_example(name)
    assert len(rows) >= 120
    placed = rows[~(rows.geometry.isna() | rows.geometry.is_empty)]
    assert len(placed) >= 0.95 * len(rows)
    assert placed.within(load_study_area(name).buffer(0.05)).mean() > 0.99
    assert (rows.groupby(["country", "kind"]).size().unstack(fill_value=0)[KINDS] > 0).all(axis=None)


def test_an_unknown_example_is_told_with_those_there_are() -> None:
    for load in (load_example, load_study_area):
        with pytest.raises(OptionError, match=r"'atlantis'.*'upper-rhine'"):
            load("atlantis")  # type: ignore[arg-type]


def test_all_of_the_test_is_taken_through(analysis: Analysis) -> None:
    towns = {"Basel": "CH", "Lörrach": "DE", "Huningue": "FR"}
    rows = [
        {"name": f"{town} {k}", "kind": "firm", "city": town, "country": country}
        for town, country in towns.items()
        for k in range(8)
    ]
    away = {"Solothurn": "CH", "Freiburg im Breisgau": "DE", "Mulhouse": "FR"}
    others = [
        {"name": f"u {town} {k}", "kind": "university", "city": town, "country": country}
        for town, country in away.items()
        for k in range(3)
    ]
    given = pd.DataFrame(rows + others)
    area = box(7, 47, 8.5, 48.5)
    deep = analyse(given, study_area=area, rng=1, resamples=50)
    assert deep.spanning.clusters["at_least"].max() == 3
    assert "at least three countries: shown, at a level of its own: CH, DE, FR within" in deep.summary()
    three = analyse(given, study_area=area, at_least=3, rng=1, resamples=0)
    assert set(three.spanning.conjunctions["at_least"]) == {3}
    assert three.dependence is None
    assert deep.dependence is not None
    own = deep.to_frame()
    assert own["delta_low"].le(own["delta_high"]).all()
    assert f"δ {own['delta'].iloc[0]:.2f} [" in deep.summary()
    firms = analyse(given, study_area=area, cases={"kind": "firm"}, rng=1, resamples=0)
    assert len(firms.table) == len(given)
    assert firms.table.loc[firms.table["kind"] == "university", "cluster"].isna().all()
    assert firms.clusters.labels.index.equals(firms.table.index[firms.table["kind"] == "firm"])
    assert "Cases: kind is 'firm': 33 rows = 24 cases + 9 controls + 0 unknown" in firms.summary()
    mask = analyse(given, study_area=area, cases=given["kind"] == "firm", rng=1, resamples=0)
    pd.testing.assert_frame_equal(mask.spanning.readings, firms.spanning.readings)
    assert analysis.provenance.parameters["method"] == "dbscan"


def test_what_a_method_finds_is_what_it_finds_by_itself() -> None:
    from geocluster.clusters import find_clusters

    told = analyse(table(), method="hdbscan", method_options={"samples": 3}, minimum=4, compare="dbscan", rng=1)
    alone = find_clusters(told.table.drop(columns="cluster"), method="hdbscan", samples=3, minimum=4)
    assert told.clusters.labels.equals(alone.labels)
    assert told.comparison is not None
    assert told.comparison.adjusted_rand <= 1
    assert told.provenance.parameters["method_options"] == {"samples": 3}


def test_a_column_called_cluster_can_be_the_users_clusters() -> None:
    given = table().assign(cluster=lambda rows: rows["city"])
    told = analyse(given, method="column", method_options={"labels": "cluster"}, rng=1)
    assert sorted(told.clusters.frame["given"]) == sorted(TOWNS)
    by_series = analyse(given, method="column", method_options={"labels": given["city"]}, rng=1)
    assert by_series.clusters.labels.equals(told.clusters.labels)


def test_options_of_a_method_are_checked_before_anything_is_read() -> None:
    with pytest.raises(OptionError, match=r"method_options has no option 'eps'\. It takes chains, exponent"):
        analyse(table(), method_options={"eps": 1})
    with pytest.raises(OptionError, match="compare is the method itself"):
        analyse(table(), compare="dbscan")
    with pytest.raises(OptionError, match="cases do not stand on the table's index"):
        analyse(table(), cases=pd.Series([True, False]))
