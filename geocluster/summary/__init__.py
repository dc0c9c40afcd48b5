"""What should a person read first?"""

from geocluster.summary.lines import summary_lines

__all__ = ["summary_lines"]
