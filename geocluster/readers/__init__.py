"""How does a file become a table?"""

from geocluster.readers.tables import read_table

__all__ = ["read_table"]
