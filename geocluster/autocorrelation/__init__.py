"""Do like values stand together?"""

from geocluster.autocorrelation.globally import GlobalResult, autocorrelation_test, is_number

__all__ = ["GlobalResult", "autocorrelation_test", "is_number"]
