"""Does a cluster truly span the border, or only lie across it?"""

from geocluster.spanning.conjunction import partial_conjunction
from geocluster.spanning.explaining import Explanation
from geocluster.spanning.inference import search_spanning, spanning_test
from geocluster.spanning.result import SpanningResult
from geocluster.spanning.searched import Searched

__all__ = ["Explanation", "Searched", "SpanningResult", "partial_conjunction", "search_spanning", "spanning_test"]
