"""How does a table become a tested map, in one call?"""

from geocluster.pipeline.analysis import Analysis, cluster_table
from geocluster.pipeline.asking import check_asked
from geocluster.pipeline.colocation import Colocation, check_colocation_options, find_colocation
from geocluster.pipeline.examples import EXAMPLES, load_example, load_study_area
from geocluster.pipeline.fragility import spanning_fragility
from geocluster.pipeline.geocoding import check_geocoding, choose_geocoder, place_rows
from geocluster.pipeline.hotspots import check_hotspot_options, find_hotspots
from geocluster.pipeline.options import NEIGHBOURS, check_options
from geocluster.pipeline.steps import analyse

__all__ = [
    "EXAMPLES",
    "NEIGHBOURS",
    "Analysis",
    "Colocation",
    "analyse",
    "check_asked",
    "check_colocation_options",
    "check_geocoding",
    "check_hotspot_options",
    "check_options",
    "choose_geocoder",
    "cluster_table",
    "find_colocation",
    "find_hotspots",
    "load_example",
    "load_study_area",
    "place_rows",
    "spanning_fragility",
]
