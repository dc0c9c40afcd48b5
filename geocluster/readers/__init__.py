"""How does a file become a table, or a study area?"""

from geocluster.readers.areas import read_area
from geocluster.readers.tables import read_table

__all__ = ["read_area", "read_table"]
