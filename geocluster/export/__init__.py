"""How does an analysis become files?"""

from geocluster.export.folder import write_folder
from geocluster.export.place import FILES, results_folder

__all__ = ["FILES", "results_folder", "write_folder"]
