"""Does a cluster truly span the border, or only lie across it?"""

from geocluster.spanning.conjunction import partial_conjunction
from geocluster.spanning.inference import spanning_test
from geocluster.spanning.result import SpanningResult

__all__ = ["SpanningResult", "partial_conjunction", "spanning_test"]
