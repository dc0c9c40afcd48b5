"""When are two spellings the same name?"""

# ruff: noqa: RUF001, letters of many scripts are what this module is about
from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geocluster.spelling import LONGEST, hash_key, is_nothing, region_key, spelling_key

texts = st.text(max_size=60)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("München", "MUNCHEN"),
        ("Straßburg", "strassburg"),
        ("København", "kobenhavn"),
        ("Århus", "Arhus"),
        ("Łódź", "LODZ"),
        ("Đà Nẵng", "Da Nang"),
        ("Þórshöfn", "Thorshofn"),
        ("İstanbul", "ISTANBUL"),
        ("Iğdır", "IGDIR"),
        ("Œuilly", "Oeuilly"),
        ("Кёльн", "КЕЛЬН"),
        ("Αθήνα", "ΑΘΗΝΑ"),
        ("臺北", "台北"),
        ("القاهرة", "القاهره"),
        ("الرِّيَاض", "الرياض"),
        ("تهران", "تهران\u200f"),
        ("کرمان", "كرمان"),
        ("תֵּל אָבִיב", "תל אביב"),
        ("Ｂａｓｅｌ", "Basel"),
        ("L’Aquila", "L'Aquila"),
        ("L`Aquila", "LAquila"),
        ("'s-Gravenhage", "s Gravenhage"),
        ("Saint-Louis", "St. Louis"),
        ("Ste-Foy", "Sainte Foy"),
        ("Sankt Gallen", "St.Gallen"),
        ("Mt. Vernon", "Mount Vernon"),
        ("Ft. Worth", "Fort Worth"),
        ("  Frankfurt   (Oder)\t", "frankfurt oder"),
        ("Ba\u00adsel", "Basel"),
        ("\ufeffBasel\u200b", "Basel"),
        ("葛\U000e0100飾区", "葛飾区"),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert spelling_key(one) == spelling_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("मुंबई", "मबई"),  # vowel signs and nasal are letters
        ("เชียงใหม่", "เชยงใหม"),
        ("ភ្នំពេញ", "ភនពញ"),
        ("ガ", "か"),
        ("Frankfurt", "Frankfurt Oder"),
        ("Basel", "Bazel"),
        ("Lyon", "Lyons"),
        ("Muenchen", "München"),  # a variant, not a spelling
        ("New Port", "Newport"),
    ],
)
def test_different_names_have_different_keys(one: str, other: str) -> None:
    assert spelling_key(one) != spelling_key(other)


@pytest.mark.parametrize("text", ["", "   ", "-", "!?", "\x00\x1f", "—", "🙂", "\u200b"])
def test_a_text_without_letters_has_no_key(text: str) -> None:
    assert spelling_key(text) == ""
    assert is_nothing(text)


@pytest.mark.parametrize("text", ["N/A", "n.a.", "None", "UNKNOWN", "null", "NaN", "TBD", "unbekannt", "xxx"])
def test_words_for_nothing_are_nothing(text: str) -> None:
    assert is_nothing(text)


@pytest.mark.parametrize("text", ["Nantes", "Null Island", "Unknown City", "0", "東京", "Naxos"])
def test_names_are_something(text: str) -> None:
    assert not is_nothing(text)


def test_text_beyond_the_longest_name_is_left_out() -> None:
    assert spelling_key("a" * LONGEST + "b") == "a" * LONGEST
    assert spelling_key("x" * 10_000_000) == "x" * LONGEST


def test_a_lone_surrogate_is_no_letter_and_can_be_hashed() -> None:
    assert spelling_key("Basel\ud800") == "basel"
    assert hash_key("\ud800") != hash_key("")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Kanton Basel-Stadt", "basel stadt"),
        ("Province of Noord-Holland", "noord holland"),
        ("Regione Lombardia", "lombardia"),
        ("Région de Bretagne", "bretagne"),
        ("State of the", "state of the"),  # nothing else is left
        ("", ""),
    ],
)
def test_words_that_only_say_region_are_left_out(text: str, key: str) -> None:
    assert region_key(text) == key


@settings(max_examples=300, deadline=None)
@given(texts)
def test_the_key_of_a_key_is_the_key(text: str) -> None:
    assert spelling_key(spelling_key(text)) == spelling_key(text)


@settings(max_examples=300, deadline=None)
@given(texts)
def test_case_and_composition_do_not_matter(text: str) -> None:
    keys = {spelling_key(unicodedata.normalize(form, text)) for form in ("NFC", "NFD")}
    assert keys == {spelling_key(text)}
    assert spelling_key(text.upper()) == spelling_key(text.lower())


@settings(max_examples=300, deadline=None)
@given(texts)
def test_a_key_is_words_with_single_spaces(text: str) -> None:
    key = spelling_key(text)
    assert key == " ".join(key.split())
    assert all(sign.isalnum() or sign == " " or unicodedata.category(sign) in ("Mn", "Mc") for sign in key)


@settings(max_examples=200, deadline=None)
@given(texts)
def test_a_hash_has_48_bits(text: str) -> None:
    assert 0 <= hash_key(text) < 2**48
