"""Nothing but the online geocoder opens a socket."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

import geocluster as gc

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a socket was opened")

    for name in ("socket", "create_connection", "getaddrinfo", "gethostbyname", "socketpair"):
        monkeypatch.setattr(socket, name, refuse)


@pytest.mark.usefixtures("no_network")
def test_the_fixture_bites() -> None:
    import urllib.request

    with pytest.raises(AssertionError, match="a socket was opened"):
        urllib.request.urlopen("http://127.0.0.1:9/")


@pytest.mark.usefixtures("no_network")
def test_geocoding_offline_opens_no_socket() -> None:
    rows = {"city": ["Bâle", "Neustadt", "Qwxyz", None], "country": ["CH", "DE", "CH", "CH"]}
    table = pd.DataFrame({**rows, "postcode": ["4051", "67433", "8000", "3000"], "name": ["a", "b", "c", "d"]})
    assert len(gc.geocode(table)) == 4
    chain = gc.chain_geocoders(gc.postcode_geocoder(), gc.offline_geocoder())
    assert gc.geocode(table, geocoder=chain)["geo_method"].notna().all()


@pytest.mark.usefixtures("no_network")
def test_an_online_geocoder_opens_none_before_it_is_called(tmp_path: Path) -> None:
    gc.online_geocoder("nominatim", user_agent="tests of geocluster", remember_in=tmp_path)


@pytest.mark.usefixtures("no_network")
def test_the_demo_opens_no_socket(tmp_path: Path) -> None:
    analysis = gc.analyse(
        gc.load_example("oresund"), study_area=gc.load_study_area("oresund"), permutations=99, rng=1, r_max_km=15
    )
    gc.write_folder(analysis, tmp_path)
    assert list(tmp_path.glob("*.png"))
