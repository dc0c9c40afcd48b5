"""Where does one part of an address end and the next begin, when no comma or space tells?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocluster.geocoders.unspaced import split_unspaced


@pytest.mark.parametrize(
    ("text", "region", "places"),
    [
        ("愛知県名古屋市", "愛知県", ["名古屋"]),
        ("京都府京都市左京区", "京都府", ["京都", "左京"]),
        ("京都市左京区", "", ["京都", "左京"]),
        ("北海道札幌市", "北海道", ["札幌"]),
        ("四川省成都市", "四川省", ["成都"]),
        ("新疆维吾尔自治区乌鲁木齐市", "新疆维吾尔自治区", ["乌鲁木齐"]),
        ("서울특별시 종로구", "", ["서울", "종로"]),
        ("경기도 수원시", "경기도", ["수원"]),
        ("東京", "", ["東京"]),
        ("Basel", "", ["Basel"]),
        ("", "", [""]),
    ],
)
def test_an_address_is_cut_after_province_and_places(text: str, region: str, places: list[str]) -> None:
    assert split_unspaced(text) == (region, places)


@given(st.text(alphabet="東京都府県市区町村省가시군구도 a1", max_size=40))
def test_any_text_is_cut_into_few_pieces_of_its_own_letters(text: str) -> None:
    region, places = split_unspaced(text)
    assert text.startswith(region)
    assert len(places) <= 4
    assert all(place in text for place in places)
