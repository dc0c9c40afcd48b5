"""The command line: from a file, or from the embedded data, to tested clusters on a map.

Exit codes: 0 done, 2 bad input.
"""

from geocluster.cli.front import app, main

__all__ = ["app", "main"]
