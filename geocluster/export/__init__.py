"""How does an analysis, or a table, become files?"""

from geocluster.export.colocation import COLOCATION_FILES, write_colocation
from geocluster.export.folder import write_folder
from geocluster.export.hotspots import HOTSPOT_FILES, write_hotspots
from geocluster.export.place import FILES, results_folder
from geocluster.export.table import ENDINGS, find_out_faults, write_table

__all__ = [
    "COLOCATION_FILES",
    "ENDINGS",
    "FILES",
    "HOTSPOT_FILES",
    "find_out_faults",
    "results_folder",
    "write_colocation",
    "write_folder",
    "write_hotspots",
    "write_table",
]
