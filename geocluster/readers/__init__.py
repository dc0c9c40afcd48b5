"""How does a file become a table, or a study area?"""

from geocluster.readers.areas import read_area
from geocluster.readers.cordis import CordisData, read_cordis
from geocluster.readers.ror import RorData, read_ror
from geocluster.readers.tables import read_batches, read_table, reading_notes
from geocluster.readers.ties import read_tie_table

__all__ = [
    "CordisData",
    "RorData",
    "read_area",
    "read_batches",
    "read_cordis",
    "read_ror",
    "read_table",
    "read_tie_table",
    "reading_notes",
]
