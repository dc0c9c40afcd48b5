"""How long does `geocluster geocode` take for all of ROR, and how much memory?

    python benchmarks/geocode_command.py [--shared ../shared]

The whole process, from start to the file written, with its summary: once with the
coordinates that the registry gives, once with its city, region and country alone.
Writes its table into docs/geocoding.md.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
from tables import write_table

ROOT = Path(__file__).resolve().parents[1]
CHILD = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run([sys.executable, "-m", "geocluster", "geocode", *sys.argv[1:]], check=True, stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""
REPEATS = 2
ENDINGS = (".csv", ".gpkg", ".geojson", ".parquet")


def run(source: Path, out: Path) -> tuple[float, float, float]:
    """Give seconds, seconds of the processor, and peak MiB of one command; the best of some runs."""
    runs = []
    for _ in range(REPEATS):
        done = subprocess.run(
            [sys.executable, "-c", CHILD, str(source), "--out", str(out)],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        runs.append([float(word) for word in done.stdout.strip("[]\n").split(",")])
        time.sleep(0.1)
    return min(r[0] for r in runs), min(r[1] for r in runs), max(r[2] for r in runs)


def main() -> None:
    """Time all and write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    shared = os.environ.get("GEOCLUSTER_SHARED", ROOT.parent / "shared")
    parser.add_argument("--shared", type=Path, default=Path(shared))
    options = parser.parse_args()
    source = options.shared / "data" / "ror_organisations.csv.gz"
    lines = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = pd.read_csv(source, dtype=str, keep_default_na=False)
        names = folder / "names.csv"
        table.drop(columns=["lat", "lng"]).to_csv(names, index=False)
        run(names, folder / "first.csv")  # compiled code and pages of the disk are there from now on
        for what, given, endings in (
            ("coordinates given", source, ENDINGS[:1]),
            ("city, region, country", names, ENDINGS),
        ):
            for ending in endings:
                wall, cpu, peak = run(given, folder / f"out{ending}")
                lines.append(f"| {what} → {ending} | {wall:.1f} | {cpu:.1f} | {peak:.0f} |")
                print(lines[-1], flush=True)
    write_table(
        "geocoding.md",
        "command",
        [
            "## The command, measured",
            "",
            f"`geocluster geocode` on ROR's {len(table):,} rows: the whole process, to the file written and the",
            f"summary said. The fastest of {REPEATS} runs, the largest memory; goals: 10 s, 500 MiB. By",
            f"`benchmarks/geocode_command.py`, beside a load of {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores:",
            "where that is more than the cores, the seconds of the processor are the ones to compare.",
            "",
            "| | seconds | of the processor | peak MiB |",
            "|---|--:|--:|--:|",
            *lines,
        ],
    )


if __name__ == "__main__":
    main()
