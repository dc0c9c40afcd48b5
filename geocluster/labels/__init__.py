"""Which words do the figures show, in English and in Russian?

Names of places and of organisations are data, and stay as they are written.
"""

from geocluster.labels.wording import LANGUAGES, WORDS, check_language, country_name, number, p_value, text

__all__ = ["LANGUAGES", "WORDS", "check_language", "country_name", "number", "p_value", "text"]
