"""Which words of an address or an affiliation name its city, its region and its country?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocluster.datasets import load_gazetteer
from geocluster.geocoders import Miss, Place, Query, offline_geocoder
from geocluster.geocoders.lookup import Lookup
from geocluster.geocoders.normalise import Reader

TEXTS = Lookup(load_gazetteer(), Reader()).texts


def ask(text: str, **fields: str) -> Place | Miss:
    (answer,) = offline_geocoder()([Query(address=text, **fields)])
    return answer


@pytest.mark.parametrize(
    ("text", "geonames_id"),
    [
        ("Dept. of Physics, University of Basel, Klingelbergstrasse 82, CH-4056 Basel, Switzerland", 2661604),
        ("Institut Charles Sadron, 23 rue du Loess, 67034 Strasbourg Cedex 2, France", 2973783),
        ("State University of New York, Stony Brook, NY 11794, USA", 5139865),
        ("Department of Radiology, University of Missouri, Columbia, Missouri", 4381982),
        ("School of Physics, University of New South Wales, Sydney", 2147714),
        ("Georgia Institute of Technology, Atlanta, Georgia", 4180439),
        ("Brown University, Providence, Rhode Island, USA", 5224151),
        ("University of New Mexico, Albuquerque, New Mexico, USA", 5454711),
        ("Columbia University, New York, NY 10027", 5128581),
        ("Tbilisi State University, Tbilisi, Georgia", 611717),
        ("Universität Basel Schweiz", 2661604),
        ("University of Oxford, UK", 2640729),
        ("Stanford University, Palo Alto, CA 94305", 5380748),
        ("University of Toronto; Toronto; CA", 6167865),
        ("Max-Planck-Institut &amp; Partner; Köln; DE", 2886242),
        ("a.b@unibas.ch; Spitalstrasse 41, 4056 Basel, Switzerland", 2661604),
        ("National University of Singapore, Singapore", 1880252),
        ("МГУ, Ленинские горы 1, Москва, Россия", 524901),
        ("東京大学, 東京, 日本", 1850147),
        ("Brown University, Providence, Rhode Island", 5224151),
        ("University X, Hohhot, Inner Mongolia", 2036892),
        ("12 Main Street, Lebanon, NH", 5088597),
        ("Scott County Library, Jordan, MN", 5032106),
        ("City Hall, West Jordan, UT", 5784549),
        ("Curtin House, Perth, WA", 2063523),
        ("1 Main Street, Vancouver, WA", 5814616),
        ("Via Roma 1, 53100 Siena (SI)", 3166548),
        ("Via Dante 2, 20133 Milano (MI)", 3173435),
        ("Via Balbi 5, 16126 Genova GE", 3176219),
        ("Rue X 5, 2000 Neuchâtel (NE)", 2659496),
        ("4132 Muttenz (BL)", 2659522),
        ("東京大学 〒113-8654 東京都文京区本郷7丁目3", 1850147),
        ("慶應義塾大学, 神奈川県横浜市港北区日吉3-14-1", 1848354),
        ("北京大学, 北京市海淀区颐和园路5号, 100871, 中国", 1816670),
        ("경기도 수원시 장안구 서부로 2066, 대한민국", 1835553),
        ("Av. Ipiranga 6681, Porto Alegre, RS", 3452925),
    ],
)
def test_the_city_of_a_text_is_found(text: str, geonames_id: int) -> None:
    answer = ask(text)
    assert isinstance(answer, Place), answer
    assert (answer.place_id, answer.method) == (geonames_id, "text")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Nanyang Technological University", "not_found"),
        ("大阪市立大学", "not_found"),
        ("Institute of Science and Technology, Austria", "coarse"),
        ("Institute for Advanced Studies, Springfield, USA", "ambiguous"),
        ("Faculty of arts and", "not_found"),
        ("Postfach 12", "not_found"),
    ],
)
def test_a_text_that_names_no_city_for_sure_gets_no_point(text: str, status: str) -> None:
    answer = ask(text)
    assert isinstance(answer, Miss), answer
    assert answer.status == status


def test_a_text_that_names_only_a_region_is_coarse() -> None:
    answer = ask("Landesamt, Bavaria, Germany")
    assert isinstance(answer, Place)
    assert (answer.precision, answer.admin1) == ("region", "DE.02")


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Somewhere 3, CH-4056", "CH"),
        ("1 High Street, CB2 1TN", "GB"),
        ("100 Wellington St, K1A 0B6", "CA"),
        ("The Chinese University of Hong Kong, Shatin, Hong Kong, P.R. China", "HK"),
        ("Fort Collins, CO 80523", "US"),
        ("Bogotá, CO", "CO"),
        ("nothing here", None),
        ("Rhode Island", None),
        ("University of New South Wales", None),
        ("Sydney New South Wales", None),
        ("Inner Mongolia University of Inner Mongolia", None),
        ("Staten Island", None),
        ("Atlanta Georgia", None),
        ("Tbilisi Georgia", "GE"),
        ("Univ. Reykjavik Island", "IS"),
        ("Malta, NY", "US"),
        ("Korle Bu, Accra, Ghana, WA", "GH"),
        ("Torino, TO", "IT"),
        ("Nuku'alofa, TO", "TO"),
        ("Laufenburg (AG)", "CH"),
        ("Tunis, TN", "TN"),
        ("Institut für Physik, DE", "DE"),
    ],
)
def test_the_country_of_a_text_is_read(text: str, country: str | None) -> None:
    assert TEXTS.read(text).country == country


def test_a_country_stated_is_kept() -> None:
    assert TEXTS.read("Basel, Switzerland", "FR").country == "FR"


def test_a_stated_city_comes_before_the_address() -> None:
    answer = ask("Bahnhofstrasse 1, Zürich, Switzerland", city="Basel", country="CH")
    assert isinstance(answer, Place)
    assert answer.name == "Basel"


def test_the_address_helps_where_the_city_is_none() -> None:
    answer = ask("Mattenstrasse 26, 4058 Basel", city="Qwxyz Campus", country="CH")
    assert isinstance(answer, Place)
    assert answer.name == "Basel"


def test_a_name_comes_last_and_only_as_what_it_is_named_after() -> None:
    (found,) = offline_geocoder()([Query(name="University of Basel", country="CH")])
    assert isinstance(found, Place)
    assert found.name == "Basel"
    (missed,) = offline_geocoder()([Query(name="Nanyang Technological University")])
    assert isinstance(missed, Miss)
    assert missed.status == "not_found"


@given(st.text(max_size=600))
def test_any_text_can_be_read(text: str) -> None:
    read = TEXTS.read(text)
    for guess in (*read.wholes, *read.words()):
        assert guess.key
        assert 0 < guess.factor <= 1
