"""Does a geocoding run that is killed again and again lose an answer?

    python benchmarks/kill_test.py [--kills 20] [--seed 1]

A run asks a fake service on the loopback and is killed (SIGKILL) at a random
moment while it asks; one in four also at a moment of its start. After each kill the file of answers is checked. Then
a last run goes on to the end, and its result is compared with that of a run
which nobody disturbed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "geocoders"))

from fake_service import Answer, FakeService, say, town  # noqa: E402, the tests' own service

QUERIES = 300
PAUSE_S = 0.005
LONGEST_LIFE_S = 0.12
"""After the first call."""
LONGEST_START_S = 1.0
CHILD = """
import json, sys
from geopy.geocoders import Nominatim
from geocluster.geocoders import Place, Query, online_geocoder
domain, folder, size, pause = sys.argv[1:]
service = Nominatim(domain=domain, scheme="http", proxies={}, user_agent="x", timeout=5)
geocoder = online_geocoder(service, user_agent="child", remember_in=folder, pause_s=float(pause), max_requests=10_000)
answers = geocoder([Query(city=f"Qwx{i:03d}z", country="CH") for i in range(int(size))])
print(json.dumps([repr(answer) for answer in answers]))
"""


def answer(words: dict[str, str]) -> Answer:
    """Put each city at a place of its own; one in ten is not known, one in ten abroad."""
    number = int(re.sub(r"\D", "", words["city"]))
    hit = town(words["city"], 46 + number / 1000, 7.5, "it" if number % 10 == 3 else "ch")
    return say([] if number % 10 == 7 else [hit])


def start(service: FakeService, folder: Path) -> subprocess.Popen[str]:
    """Start a run."""
    own = {**os.environ, "TMPDIR": str(folder), "PYTHONPATH": str(ROOT)}
    words = [service.domain, str(folder), str(QUERIES), str(PAUSE_S)]
    return subprocess.Popen([sys.executable, "-c", CHILD, *words], stdout=subprocess.PIPE, text=True, env=own)


def check(path: Path) -> int:
    """Check the file of answers, and count them; there may be none yet."""
    if not path.exists():
        return 0
    with closing(sqlite3.connect(path)) as held:
        found = held.execute("PRAGMA integrity_check").fetchone()[0]
        if found != "ok":
            sys.exit(f"the file of answers is broken: {found}")
        if not held.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            return 0
        for (text,) in held.execute("SELECT answer FROM answers"):
            json.loads(text)
        return int(held.execute("SELECT count(*) FROM answers").fetchone()[0])


def main() -> None:
    """Kill, resume, compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    moments = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        killed, quiet = Path(name, "killed"), Path(name, "quiet")
        killed.mkdir()
        quiet.mkdir()
        with FakeService(answer, limit=QUERIES + 2 * options.kills) as service:
            kills = asking = 0
            while asking < options.kills:
                child = start(service, killed)
                before = len(service.asked)
                if kills % 4 == 3:
                    time.sleep(moments.uniform(0.0, LONGEST_START_S))
                else:
                    while len(service.asked) == before and child.poll() is None:
                        time.sleep(0.001)
                    time.sleep(moments.uniform(0.0, LONGEST_LIFE_S))
                if child.poll() is not None:
                    sys.exit(f"the run ended by itself after {kills} kills, make it longer")
                child.kill()
                child.communicate()
                kills += 1
                asking += len(service.asked) > before
                count = check(killed / "geocoding.sqlite")
                # of each killed run, one answer at most was on its way
                if not len(service.asked) - asking <= count <= len(service.asked):
                    sys.exit(f"{len(service.asked)} asked, but {count} remembered after {kills} kills")
                print(f"kill {kills}: {count} answers, file whole")
            resumed = start(service, killed).communicate(timeout=120)[0]
            total = len(service.asked)
        with FakeService(answer, limit=QUERIES) as service:
            undisturbed = start(service, quiet).communicate(timeout=120)[0]
    if not undisturbed or json.loads(resumed) != json.loads(undisturbed):
        sys.exit("the resumed result is not that of the undisturbed run")
    print(
        f"{kills} kills, {asking} of them while it asked; {QUERIES} queries took {total} calls; "
        "resumed and undisturbed results are equal"
    )


if __name__ == "__main__":
    main()
