"""Do like values stand together?"""

from geocluster.autocorrelation.globally import GlobalResult, autocorrelation_test

__all__ = ["GlobalResult", "autocorrelation_test"]
