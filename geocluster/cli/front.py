"""Where do the commands come together?"""

from __future__ import annotations

import signal
import sys
from typing import Annotated

import typer

from geocluster.cli.clustering import demo, run
from geocluster.cli.detectors import clusters
from geocluster.cli.geocoding import geocode
from geocluster.cli.hot_spots import hotspots
from geocluster.cli.kinds import colocation
from geocluster.errors import GeoclusterError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="First: geocluster demo --out out. Then: geocluster run firms.csv --out out --column name=COMPANY.",
)


def _say_version(asked: bool) -> None:  # noqa: FBT001 (typer calls it so)
    if asked:
        from geocluster import __version__

        print(f"geocluster {__version__}")
        raise typer.Exit


@app.callback()
def start(
    *,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_say_version, help="Say the version and exit.")
    ] = False,
) -> None:
    """Find, test and map the clusters of stakeholders that span national borders."""


for command in (demo, run, clusters, geocode, hotspots, colocation):
    app.command()(command)


def _stop(*_: object) -> None:
    sys.exit(128 + signal.SIGTERM)  # an exit, so that what was begun is cleared away


def main() -> None:
    """Run the command line; tell faults in words, never as a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal without some letter shows '?' in its place
            stream.reconfigure(errors="replace")
    signal.signal(signal.SIGTERM, _stop)
    try:
        app(prog_name="geocluster")
    except GeoclusterError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
