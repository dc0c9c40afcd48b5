"""Where on the globe does each row stand?

A geocoder is a callable from a batch of `Query` to as many `Place` or `Miss`.
"""

from geocluster.geocoders.gazetteer import offline_geocoder
from geocluster.geocoders.online import online_geocoder
from geocluster.geocoders.outcome import GeocodingSummary, summarise_geocoding
from geocluster.geocoders.place import Geocoder, Miss, Place, Query, chain_geocoders
from geocluster.geocoders.postcodes import postcode_geocoder
from geocluster.geocoders.table import geocode

__all__ = [
    "Geocoder",
    "GeocodingSummary",
    "Miss",
    "Place",
    "Query",
    "chain_geocoders",
    "geocode",
    "offline_geocoder",
    "online_geocoder",
    "postcode_geocoder",
    "summarise_geocoding",
]
