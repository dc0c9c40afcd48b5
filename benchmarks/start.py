"""How long does it take to import the package, and to run the demonstration for the first time?

`import geocluster` beside `import numpy`; `geocluster demo` with an empty cache of compiled
code, then again. Writes its table into docs/benchmarks.md.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time

from tables import write_table

REPEATS = 5
IMPORTS = {"`import geocluster`": "import geocluster", "`import numpy`": "import numpy"}


def spend(code: str) -> float:
    """Give seconds that a fresh interpreter spends on some code, its own start taken off."""
    timed = f"import time; start = time.perf_counter(); {code}; print(time.perf_counter() - start)"
    done = subprocess.run([sys.executable, "-c", timed], capture_output=True, text=True, check=True)
    return float(done.stdout)


def run_demo(region: str, cache: str) -> tuple[float, int]:
    """Give seconds and peak MiB of a demonstration, compiled code kept in a folder."""
    code = (
        "import resource, subprocess, sys;"
        f"subprocess.run([sys.executable, '-m', 'geocluster', 'demo', {region!r}, '--out', {cache + '/out'!r}],"
        "check=True, stdout=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)"
    )
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NUMBA_CACHE_DIR": cache},
    )
    return time.perf_counter() - start, int(done.stdout)


def main() -> None:
    """Time all and write the table."""
    seconds: dict[str, list[float]] = {name: [] for name in IMPORTS}
    for _ in range(REPEATS):
        for name, code in IMPORTS.items():
            seconds[name].append(spend(code))
    middle = {name: statistics.median(spent) for name, spent in seconds.items()}
    ours, peer = middle.values()
    lines = [
        "## Start",
        "",
        f"Fresh interpreters; imports: median of {REPEATS}, interleaved. The demonstration: the whole command on",
        f"{os.cpu_count()} cores, first with no compiled code in the cache, then again.",
        "",
        "| | seconds | |",
        "|---|---|---|",
        f"| `import geocluster` | {ours:.3f} | {ours / peer:.2f} × `import numpy` |",
        f"| `import numpy` | {peer:.3f} | |",
    ]
    for region in ("upper-rhine", "oresund", "meuse-rhine"):
        with tempfile.TemporaryDirectory() as cache:
            first, peak = run_demo(region, cache)
            again, _ = run_demo(region, cache)
        lines.append(f"| `geocluster demo {region}` | {first:.1f}, again {again:.1f} | peak {peak} MiB |")
    write_table("benchmarks.md", "start", lines)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
