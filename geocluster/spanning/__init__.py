"""Does a cluster truly span the border, or only lie across it?"""

from geocluster.spanning.inference import spanning_test
from geocluster.spanning.result import SpanningResult

__all__ = ["SpanningResult", "spanning_test"]
