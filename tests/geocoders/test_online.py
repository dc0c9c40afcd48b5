"""Who answers over the network, and how is it asked politely?"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from fake_service import FakeService, say, town

import geocluster as gc
from geocluster.errors import GeoclusterWarning, OptionError
from geocluster.geocoders import Miss, Place, Query, online
from geocluster.geocoders.online import TRIES, online_geocoder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fake_service import Answer, Script

AGENT = "tests of geocluster, nobody@example.org"
QWX = Query(city="Qwxyz", country="CH", name="Secret Institute")
QWX_HIT = [town("Qwxyz", 46.5, 7.5, "ch")]
CITIES = [Query(city=f"Qwx{i:03d}z", country="CH") for i in range(300)]


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lock files of one's own, and no long waits."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(online, "BACK_OFF_S", 0.01)
    yield
    for path in tmp_path.glob("*.lock"):
        assert path.stat().st_size < 64


def make(fake: FakeService, tmp_path: Path, **options: Any) -> Any:
    options = {"user_agent": AGENT, "remember_in": tmp_path / "answers.sqlite", "pause_s": 0.0, **options}
    return online_geocoder(options.pop("service", None) or fake.nominatim(), **options)


def ask(tmp_path: Path, answer: Answer | Script, query: Query = QWX, **options: Any) -> Place | Miss:
    with FakeService(answer) as service:
        (found,) = make(service, tmp_path, **options)([query])
    return found  # type: ignore[no-any-return]


def place(tmp_path: Path, body: Any, query: Query = QWX) -> Place:
    found = ask(tmp_path, say(body), query)
    assert isinstance(found, Place), found
    return found


def miss(tmp_path: Path, body: Any, query: Query = QWX) -> Miss:
    found = ask(tmp_path, say(body), query)
    assert isinstance(found, Miss), found
    return found


def echo(words: dict[str, str]) -> Answer:
    """Put each city at a place of its own; those that end in 7 are not known."""
    number = int(re.sub(r"\D", "", words["city"]) or 0)
    hit = town(words["city"], 46 + number / 1000, 7.5, "ch")
    return say([] if number % 10 == 7 else [hit])


# --- what is sent, and what comes back ---------------------------------------------------------------------------


def test_an_answer_carries_method_precision_and_credit(tmp_path: Path) -> None:
    found = place(tmp_path, QWX_HIT)
    assert (found.longitude, found.latitude, found.country) == (7.5, 46.5, "CH")
    assert (found.precision, found.radius_km, found.radius68_km) == ("city", 9.0, 1.8)
    assert found.method == "online:nominatim"
    assert found.source == "© OpenStreetMap contributors, ODbL 1.0"
    assert found.confidence >= 0.8


def test_the_name_is_not_sent_and_the_user_agent_is(tmp_path: Path) -> None:
    query = Query("Weg 1", "Qwxyz", "Bern", "3000", "CH", "Secret Institute")
    with FakeService(say(QWX_HIT)) as service:
        make(service, tmp_path)([query])
    (words,) = service.asked
    assert "Secret" not in json.dumps(words)
    assert service.agents == [AGENT]
    sent = {"street": "Weg 1", "city": "Qwxyz", "state": "Bern", "postalcode": "3000", "country": "CH"}
    assert sent.items() <= words.items()


def test_an_address_alone_is_sent_as_free_text(tmp_path: Path) -> None:
    with FakeService(say([])) as service:
        make(service, tmp_path)([Query(address="Weg 1, 3000 Bern", country="CH")])
    assert service.asked[0]["q"] == "Weg 1, 3000 Bern, CH"


def test_photon_is_read_too(tmp_path: Path) -> None:
    properties = {"name": "Qwxyz", "countrycode": "CH", "type": "city", "extent": [7.4, 46.6, 7.6, 46.4]}
    body = {"features": [{"geometry": {"coordinates": [7.5, 46.5]}, "properties": properties}]}
    with FakeService(say(body)) as service:
        (found,) = make(service, tmp_path, service=service.photon())([QWX])
    assert (found.method, found.country, found.longitude) == ("online:photon", "CH", 7.5)
    assert "OpenStreetMap" in found.source


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (Query(), "bad_input"),
        (Query(city="n/a", address="-"), "bad_input"),
        (Query(name="Secret Institute"), "not_found"),
        (Query(country="CH"), "coarse"),
        (Query(city="Basel", country="Atlantis"), "conflict"),
    ],
)
def test_what_cannot_be_answered_is_not_sent(tmp_path: Path, query: Query, status: str) -> None:
    with FakeService(say(QWX_HIT), limit=0) as service:
        (found,) = make(service, tmp_path)([query])
    assert found.status == status
    assert service.asked == []


# --- no silent wrong answer --------------------------------------------------------------------------------------


def test_an_answer_in_another_country_is_a_conflict(tmp_path: Path) -> None:
    told = miss(tmp_path, [town("Qwxyz", 46.5, 12.5, "it")])
    assert told.status == "conflict"
    assert told.reason == "'Qwxyz' is in Italy by nominatim, but Switzerland is stated"
    assert [one.country for one in told.candidates] == ["IT"]


def test_an_answer_without_country_is_looked_up_by_the_places_around(tmp_path: Path) -> None:
    assert miss(tmp_path, [{**town("Qwxyz", 41.9, 12.5, ""), "address": {}}]).status == "conflict"


def test_of_many_answers_that_in_the_country_is_taken(tmp_path: Path) -> None:
    assert place(tmp_path, [town("Qwxyz", 46.5, 12.5, "it"), *QWX_HIT]).longitude == 7.5


@pytest.mark.parametrize(
    ("stated", "told", "country"), [("HK", "cn", "HK"), ("CN", "hk", "HK"), ("GP", "fr", "GP"), ("PR", "us", "PR")]
)
def test_territories_that_services_count_to_another_are_no_conflict(
    tmp_path: Path, stated: str, told: str, country: str
) -> None:
    assert place(tmp_path, [town("Qwxyz", 16.2, -61.5, told)], Query(city="Qwxyz", country=stated)).country == country


def test_the_offline_answer_contradicts_one_far_away_and_both_are_told(tmp_path: Path) -> None:
    told = miss(tmp_path, [town("Basel", 46.2, 6.15, "ch")], Query(city="Basel", country="CH"))
    assert told.status == "conflict"
    assert "nominatim" in told.reason
    assert "gazetteer (Basel" in told.reason
    assert [one.method for one in told.candidates] == ["online:nominatim", "exact"]


def test_the_offline_answer_backs_one_near_by_and_gives_it_its_radius(tmp_path: Path) -> None:
    found = place(tmp_path, [town("Basel", 47.56, 7.59, "ch")], Query(city="Basel", country="CH"))
    assert (found.place_id, found.radius_km) == (2661604, 15.0)
    assert found.confidence > place(tmp_path, QWX_HIT).confidence


def test_an_address_is_checked_by_its_city(tmp_path: Path) -> None:
    far = town("Weg 1", 46.2, 6.15, "ch", addresstype="building")
    assert miss(tmp_path, [far], Query(address="Weg 1", city="Basel", country="CH")).status == "conflict"


def test_several_places_of_one_name_are_ambiguous(tmp_path: Path) -> None:
    told = miss(tmp_path, [town("Qwxyz", 46.5, 7.5, "ch"), town("Qwxyz", 47.4, 9.4, "ch")])
    assert told.status == "ambiguous"
    assert len(told.candidates) == 2


def test_a_house_or_street_is_no_answer_to_the_name_of_a_city(tmp_path: Path) -> None:
    told = miss(tmp_path, [town("Qwxyz", 46.5, 7.5, "ch", addresstype="amenity")])
    assert (told.status, told.reason) == ("ambiguous", "nominatim knows only a house or a street of the name 'Qwxyz'")


def test_a_country_is_no_point(tmp_path: Path) -> None:
    assert miss(tmp_path, [town("Switzerland", 46.8, 8.2, "ch", addresstype="country")]).status == "coarse"


# --- faults of the network ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 408])
def test_a_busy_service_is_asked_again(tmp_path: Path, status: int) -> None:
    with FakeService(say("busy", status), say("busy", status), say(QWX_HIT)) as service:
        (found,) = make(service, tmp_path)([QWX])
    assert isinstance(found, Place)
    assert len(service.asked) == 3


def test_the_pause_that_the_service_asks_for_is_kept(tmp_path: Path) -> None:
    with FakeService(say("busy", 429, Retry_After="1"), say(QWX_HIT)) as service:
        make(service, tmp_path)([QWX])
    assert service.moments[1] - service.moments[0] >= 1.0


def test_a_pause_longer_than_patience_ends_the_run_and_holds_for_the_next(tmp_path: Path) -> None:
    with FakeService(say("busy", 503, Retry_After="3600"), say(QWX_HIT)) as service:
        for _ in range(2):
            with pytest.warns(GeoclusterWarning, match="2 of 2 queries have no answer"):
                told = make(service, tmp_path)(CITIES[:2])
            assert "it asks to wait 3" in told[0].reason
        assert len(service.asked) == 1


def test_who_is_limited_for_long_stops(tmp_path: Path) -> None:
    with FakeService(say("busy", 429)) as service, pytest.warns(GeoclusterWarning, match="status 429"):
        told = make(service, tmp_path)(CITIES[:5])
    assert len(service.asked) == TRIES
    assert {one.status for one in told} == {"not_found"}


@pytest.mark.parametrize("status", [401, 402, 403])
def test_after_a_refusal_there_are_no_more_calls(tmp_path: Path, status: int) -> None:
    with FakeService(say(QWX_HIT), say("no", status)) as service:
        geocoder = make(service, tmp_path)
        with pytest.warns(GeoclusterWarning, match=f"refuses to answer: status {status}"):
            told = geocoder([QWX, *CITIES[:4]])
        with pytest.warns(GeoclusterWarning, match="refuses"):
            assert isinstance(geocoder([CITIES[9], QWX])[1], Place)
    assert isinstance(told[0], Place)
    assert len(service.asked) == 2


@pytest.mark.parametrize(
    "body",
    [
        "<html><body>Welcome to the hotel's WLAN</body></html>",
        "",
        "[",
        "{}" * 2,
        '{"error": "no"}',
        "[1]",
        '["x"]',
        '[{"lat": "x", "lon": "7"}]',
        '[{"lat": "97", "lon": "7", "display_name": "x"}]',
        '[{"lat": "NaN", "lon": "7", "display_name": "x"}]',
        '[{"lat": "46", "lon": "7"}]',
        "[" * 100_000,
        b"\xff\xfe\x00",
        "null garbage",
    ],
)
def test_garbage_is_no_answer_and_is_not_remembered(tmp_path: Path, body: str | bytes) -> None:
    with FakeService(say(body), say(QWX_HIT)) as service:
        geocoder = make(service, tmp_path)
        with pytest.warns(GeoclusterWarning, match="1 of 1 queries have no answer"):
            (told,) = geocoder([QWX])
        assert (told.status, told.reason) == ("not_found", "nominatim did not answer: its answer cannot be read")
        assert isinstance(make(service, tmp_path)([QWX])[0], Place)


@pytest.mark.parametrize("body", ["[]", "null", "{}"])
def test_an_empty_answer_is_a_miss_and_is_remembered(tmp_path: Path, body: str) -> None:
    with FakeService(say(body), limit=1) as service:
        for _ in range(2):
            (told,) = make(service, tmp_path)([QWX])
            assert (told.status, told.reason) == ("not_found", "nominatim knows no such place as 'Qwxyz'")


@pytest.mark.parametrize(
    "wild", [{"extratags": 7, "address": [], "boundingbox": ["a"]}, {"boundingbox": [1, 2, 3, 4e9]}]
)
def test_odd_side_facts_do_not_spoil_an_answer(tmp_path: Path, wild: dict[str, Any]) -> None:
    assert place(tmp_path, [{**QWX_HIT[0], **wild}]).longitude == 7.5


def test_a_bad_query_spoils_no_other(tmp_path: Path) -> None:
    with FakeService(say("no", 400), echo) as service, pytest.warns(GeoclusterWarning, match="1 of 3"):
        told = make(service, tmp_path)(CITIES[:3])
    assert [type(one) for one in told] == [Miss, Place, Place]
    assert told[0].reason == "nominatim did not answer: status 400"


def test_a_service_that_fails_again_and_again_is_left_alone(tmp_path: Path) -> None:
    with FakeService(say("no", 404)) as service, pytest.warns(GeoclusterWarning, match="20 of 20"):
        make(service, tmp_path)(CITIES[:20])
    assert len(service.asked) == online.FAILURES


def test_a_service_that_says_nothing_times_out(tmp_path: Path) -> None:
    def sleep(_: dict[str, str]) -> Answer:
        time.sleep(0.5)
        return say(QWX_HIT)

    with FakeService(sleep) as service, pytest.warns(GeoclusterWarning, match="timed out"):
        (told,) = make(service, tmp_path, service=service.nominatim(timeout=0.05))([QWX])
    assert told.status == "not_found"
    assert len(service.asked) == TRIES


def test_an_answer_cut_short_is_no_answer(tmp_path: Path) -> None:
    cut = (200, {"Content-Length": "1000"}, b"[{")
    with FakeService(cut) as service, pytest.warns(GeoclusterWarning, match="no answer"):
        (told,) = make(service, tmp_path)([QWX])
    assert told.status == "not_found"


def test_a_dead_network_ends_the_run_after_one_query(tmp_path: Path) -> None:
    with FakeService(say(QWX_HIT)) as service:
        nominatim = service.nominatim()
    geocoder = online_geocoder(nominatim, user_agent=AGENT, remember_in=tmp_path, pause_s=0)
    with pytest.warns(GeoclusterWarning, match=r"300 of 300 .* Run again"):
        told = geocoder(CITIES)
    assert geocoder.requests == TRIES  # type: ignore[attr-defined]
    assert all("did not answer" in one.reason for one in told if isinstance(one, Miss))


def test_a_run_ends_at_its_number_of_requests_and_the_next_goes_on(tmp_path: Path) -> None:
    with FakeService(echo) as service:
        with pytest.warns(GeoclusterWarning, match="30 of 50 .*max_requests=20"):
            make(service, tmp_path, max_requests=20)(CITIES[:50])
        with pytest.warns(GeoclusterWarning, match="10 of 50"):
            make(service, tmp_path, max_requests=20)(CITIES[:50])
        resumed = make(service, tmp_path, max_requests=20)(CITIES[:50])
    assert len(service.asked) == 50
    with FakeService(echo) as service:
        assert resumed == make(service, tmp_path / "new", max_requests=50)(CITIES[:50])


# --- pace --------------------------------------------------------------------------------------------------------


def test_the_pause_is_kept_between_calls_and_threads(tmp_path: Path) -> None:
    with FakeService(echo) as service:
        geocoders = [make(service, tmp_path / str(i), pause_s=0.05) for i in range(2)]
        threads = [threading.Thread(target=one, args=(CITIES[i * 5 : i * 5 + 5],)) for i, one in enumerate(geocoders)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    gaps = [after - before for before, after in zip(service.moments, service.moments[1:], strict=False)]
    assert len(gaps) == 9
    assert min(gaps) >= 0.049
    assert service.most_at_once == 1


CHILD = """
import sys, json, tempfile
from geopy.geocoders import Nominatim
from geocluster.geocoders import Place, Query, online_geocoder
domain, folder, first, last, pause = sys.argv[1:]
service = Nominatim(domain=domain, scheme="http", proxies={}, user_agent="x", timeout=5)
geocoder = online_geocoder(
    service, user_agent="child", remember_in=folder, pause_s=float(pause), max_requests=10_000
)
answers = geocoder([Query(city=f"Qwx{i:03d}z", country="CH") for i in range(int(first), int(last))])
print(json.dumps([a.latitude if isinstance(a, Place) else a.status for a in answers]))
"""


def start(service: FakeService, folder: Path, first: int, last: int, pause_s: float) -> subprocess.Popen[str]:
    words = [service.domain, str(folder), str(first), str(last), str(pause_s)]
    own = {**os.environ, "TMPDIR": str(folder)}
    return subprocess.Popen([sys.executable, "-c", CHILD, *words], stdout=subprocess.PIPE, text=True, env=own)


def test_two_processes_share_pace_and_answers(tmp_path: Path) -> None:
    with FakeService(echo, limit=40) as service:
        children = [start(service, tmp_path, 0, 40, 0.01) for _ in range(2)]
        told = [child.communicate(timeout=60)[0] for child in children]
    assert told[0] == told[1]
    assert len(json.loads(told[0])) == len(service.asked) == 40
    gaps = [after - before for before, after in zip(service.moments, service.moments[1:], strict=False)]
    assert min(gaps) >= 0.009
    assert service.most_at_once == 1


def test_a_killed_run_loses_no_answer_and_the_next_goes_on(tmp_path: Path) -> None:
    kills, size = 4, 120
    folder = tmp_path / "killed"
    folder.mkdir()
    with FakeService(echo, limit=size + kills) as service:
        for kill in range(kills):
            child = start(service, folder, 0, size, 0.005)
            wanted = len(service.asked) + 10 + 7 * kill
            while len(service.asked) < wanted and child.poll() is None:
                time.sleep(0.001)
            child.kill()
            child.communicate()
            with sqlite3.connect(folder / "geocoding.sqlite") as held:
                assert held.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                count = held.execute("SELECT count(*) FROM answers").fetchone()[0]
            held.close()
            # each call but the one that was killed is remembered
            assert len(service.asked) - 1 - kill <= count <= len(service.asked)
        resumed = start(service, folder, 0, size, 0.0).communicate(timeout=60)[0]
    with FakeService(echo, limit=size) as service:
        undisturbed = start(service, tmp_path, 0, size, 0.0).communicate(timeout=60)[0]
    assert json.loads(resumed) == json.loads(undisturbed)
    assert len(json.loads(resumed)) == size


# --- options, and the way in -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("service", "options", "problem"),
    [
        ("nominatim", {"user_agent": " "}, "user_agent must name you"),
        ("nominatim", {"user_agent": None}, "user_agent must name you"),
        ("nominatim", {"user_agent": "me\nEvil: 1"}, "user_agent must name you"),
        ("nominatim", {"user_agent": "Ünicode"}, "user_agent must name you"),
        ("nominatim", {"user_agent": "my-application"}, "user_agent='my-application'"),
        ("nominatim", {"pause_s": 0.5}, "pause_s must be at least 1 for nominatim.openstreetmap.org"),
        ("photon", {"pause_s": 0.5}, "pause_s must be at least 1 for photon.komoot.io"),
        ("nominatim", {"pause_s": -1}, "pause_s must lie between 0 and 120"),
        ("nominatim", {"pause_s": float("nan")}, "pause_s must lie between 0 and 120"),
        ("nominatim", {"max_requests": -1}, "max_requests must be a whole number"),
        ("nominatim", {"max_requests": 1.5}, "max_requests must be a whole number"),
        ("google", {}, "service must be nominatim or photon"),
        (print, {}, "a synchronous geocoder of geopy, got builtin"),
    ],
)
def test_options_that_cannot_be_used_are_told(tmp_path: Path, service: Any, options: Any, problem: str) -> None:
    with pytest.raises(OptionError, match=re.escape(problem)):
        online_geocoder(service, **{"user_agent": AGENT, "remember_in": tmp_path, **options})


def test_without_the_extra_one_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "geopy", None)
    with pytest.raises(OptionError, match=re.escape("pip install 'geocluster-borders[online]'")):
        online_geocoder("nominatim", user_agent=AGENT, remember_in=tmp_path)


def test_a_geocoder_that_is_given_stays_as_it_is(tmp_path: Path) -> None:
    with FakeService(say(QWX_HIT)) as service:
        given = service.nominatim()
        make(service, tmp_path, service=given)([QWX])
    assert given.headers == {"User-Agent": "x"}


def test_answers_are_kept_in_the_users_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: tmp_path / "geocluster")
    online_geocoder("nominatim", user_agent=AGENT)
    assert (tmp_path / "geocluster" / "geocoding.sqlite").exists()


def test_a_table_is_geocoded_offline_first_and_only_what_is_missed_is_asked(tmp_path: Path) -> None:
    import pandas as pd

    table = pd.DataFrame({"name": ["a", "b", "c"], "city": ["Basel", "Qwxyz", "Qwxyz"], "country": ["CH"] * 3})
    with FakeService(say(QWX_HIT), limit=1) as service:
        chain = gc.chain_geocoders(gc.offline_geocoder(), make(service, tmp_path))
        placed = gc.geocode(table, geocoder=chain)
    assert placed["geo_method"].tolist() == ["exact", "online:nominatim", "online:nominatim"]
    assert placed["geo_source"].tolist()[1] == "© OpenStreetMap contributors, ODbL 1.0"
