"""Find, test and map the clusters of stakeholders that span national borders.

The front door: a room opens when one of its names is first asked for, so that
``import geocluster`` itself loads nothing heavy.

Examples
--------
>>> import geocluster
>>> "spanning_test" in dir(geocluster)
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

_ROOMS = {
    "AgglomerationResult": "geocluster.colocation",
    "Analysis": "geocluster.pipeline",
    "ClusterResult": "geocluster.clusters",
    "ColocationMatrix": "geocluster.colocation",
    "ColocationResult": "geocluster.colocation",
    "ComparisonResult": "geocluster.clusters",
    "CorrelogramResult": "geocluster.autocorrelation",
    "CurveResult": "geocluster.cross",
    "DependenceResult": "geocluster.clusters",
    "DuplicatesResult": "geocluster.units",
    "Explanation": "geocluster.spanning",
    "FragilityResult": "geocluster.clusters",
    "GeocodingSummary": "geocluster.geocoders",
    "GlobalResult": "geocluster.autocorrelation",
    "LocalColocationResult": "geocluster.colocation",
    "LocalResult": "geocluster.autocorrelation",
    "MergeResult": "geocluster.units",
    "NearestResult": "geocluster.cross",
    "NeighbourTable": "geocluster.colocation",
    "SpanningResult": "geocluster.spanning",
    "UnitsResult": "geocluster.units",
    "add_location_quotients": "geocluster.rates",
    "add_rates": "geocluster.rates",
    "agglomeration_index": "geocluster.colocation",
    "aggregate_points": "geocluster.areas",
    "analyse": "geocluster.pipeline",
    "assign_countries": "geocluster.countries",
    "autocorrelation_test": "geocluster.autocorrelation",
    "build_cells": "geocluster.areas",
    "build_graph": "geocluster.graph",
    "build_sparse": "geocluster.graph",
    "chain_geocoders": "geocluster.geocoders",
    "check": "geocluster.schema",
    "clark_evans_test": "geocluster.cross",
    "colocation_matrix": "geocluster.colocation",
    "colocation_test": "geocluster.colocation",
    "compare_clusters": "geocluster.clusters",
    "correlogram": "geocluster.autocorrelation",
    "cross_test": "geocluster.cross",
    "cut_at_borders": "geocluster.areas",
    "dixon_test": "geocluster.colocation",
    "dependence_bootstrap": "geocluster.clusters",
    "find_clusters": "geocluster.clusters",
    "find_duplicates": "geocluster.units",
    "fold_units": "geocluster.units",
    "fragility": "geocluster.clusters",
    "geocode": "geocluster.geocoders",
    "graph_from_table": "geocluster.graph",
    "hotspot_test": "geocluster.autocorrelation",
    "load_countries": "geocluster.datasets",
    "load_example": "geocluster.pipeline",
    "load_places": "geocluster.datasets",
    "load_study_area": "geocluster.pipeline",
    "local_colocation_test": "geocluster.colocation",
    "merge_by_ties": "geocluster.clusters",
    "merge_duplicates": "geocluster.units",
    "offline_geocoder": "geocluster.geocoders",
    "online_geocoder": "geocluster.geocoders",
    "partial_conjunction": "geocluster.spanning",
    "postcode_geocoder": "geocluster.geocoders",
    "read_batches": "geocluster.readers",
    "read_cordis": "geocluster.readers",
    "read_ror": "geocluster.readers",
    "read_table": "geocluster.readers",
    "spanning_fragility": "geocluster.pipeline",
    "spanning_test": "geocluster.spanning",
    "split_graph": "geocluster.graph",
    "split_placed": "geocluster.schema",
    "summarise_geocoding": "geocluster.geocoders",
    "write_folder": "geocluster.export",
    "write_table": "geocluster.export",
    "write_hotspots": "geocluster.export",
}

__all__ = ["__version__", *sorted(_ROOMS)]

if TYPE_CHECKING:
    from geocluster.areas import aggregate_points as aggregate_points
    from geocluster.areas import build_cells as build_cells
    from geocluster.areas import cut_at_borders as cut_at_borders
    from geocluster.autocorrelation import CorrelogramResult as CorrelogramResult
    from geocluster.autocorrelation import GlobalResult as GlobalResult
    from geocluster.autocorrelation import LocalResult as LocalResult
    from geocluster.autocorrelation import autocorrelation_test as autocorrelation_test
    from geocluster.autocorrelation import correlogram as correlogram
    from geocluster.autocorrelation import hotspot_test as hotspot_test
    from geocluster.clusters import ClusterResult as ClusterResult
    from geocluster.clusters import ComparisonResult as ComparisonResult
    from geocluster.clusters import DependenceResult as DependenceResult
    from geocluster.clusters import FragilityResult as FragilityResult
    from geocluster.clusters import compare_clusters as compare_clusters
    from geocluster.clusters import dependence_bootstrap as dependence_bootstrap
    from geocluster.clusters import find_clusters as find_clusters
    from geocluster.clusters import fragility as fragility
    from geocluster.clusters import merge_by_ties as merge_by_ties
    from geocluster.colocation import AgglomerationResult as AgglomerationResult
    from geocluster.colocation import ColocationMatrix as ColocationMatrix
    from geocluster.colocation import ColocationResult as ColocationResult
    from geocluster.colocation import LocalColocationResult as LocalColocationResult
    from geocluster.colocation import NeighbourTable as NeighbourTable
    from geocluster.colocation import agglomeration_index as agglomeration_index
    from geocluster.colocation import colocation_matrix as colocation_matrix
    from geocluster.colocation import colocation_test as colocation_test
    from geocluster.colocation import dixon_test as dixon_test
    from geocluster.colocation import local_colocation_test as local_colocation_test
    from geocluster.countries import assign_countries as assign_countries
    from geocluster.cross import CurveResult as CurveResult
    from geocluster.cross import NearestResult as NearestResult
    from geocluster.cross import clark_evans_test as clark_evans_test
    from geocluster.cross import cross_test as cross_test
    from geocluster.datasets import load_countries as load_countries
    from geocluster.datasets import load_places as load_places
    from geocluster.export import write_folder as write_folder
    from geocluster.export import write_hotspots as write_hotspots
    from geocluster.export import write_table as write_table
    from geocluster.geocoders import GeocodingSummary as GeocodingSummary
    from geocluster.geocoders import chain_geocoders as chain_geocoders
    from geocluster.geocoders import geocode as geocode
    from geocluster.geocoders import offline_geocoder as offline_geocoder
    from geocluster.geocoders import online_geocoder as online_geocoder
    from geocluster.geocoders import postcode_geocoder as postcode_geocoder
    from geocluster.geocoders import summarise_geocoding as summarise_geocoding
    from geocluster.graph import build_graph as build_graph
    from geocluster.graph import build_sparse as build_sparse
    from geocluster.graph import graph_from_table as graph_from_table
    from geocluster.graph import split_graph as split_graph
    from geocluster.pipeline import Analysis as Analysis
    from geocluster.pipeline import analyse as analyse
    from geocluster.pipeline import load_example as load_example
    from geocluster.pipeline import load_study_area as load_study_area
    from geocluster.pipeline import spanning_fragility as spanning_fragility
    from geocluster.rates import add_location_quotients as add_location_quotients
    from geocluster.rates import add_rates as add_rates
    from geocluster.readers import read_batches as read_batches
    from geocluster.readers import read_cordis as read_cordis
    from geocluster.readers import read_ror as read_ror
    from geocluster.readers import read_table as read_table
    from geocluster.schema import check as check
    from geocluster.schema import split_placed as split_placed
    from geocluster.spanning import Explanation as Explanation
    from geocluster.spanning import SpanningResult as SpanningResult
    from geocluster.spanning import partial_conjunction as partial_conjunction
    from geocluster.spanning import spanning_test as spanning_test
    from geocluster.units import DuplicatesResult as DuplicatesResult
    from geocluster.units import MergeResult as MergeResult
    from geocluster.units import UnitsResult as UnitsResult
    from geocluster.units import find_duplicates as find_duplicates
    from geocluster.units import fold_units as fold_units
    from geocluster.units import merge_duplicates as merge_duplicates


def __getattr__(name: str) -> object:
    """Open the room that holds `name`."""
    try:
        room = _ROOMS[name]
    except KeyError:
        raise AttributeError(f"module 'geocluster' has no attribute {name!r}") from None
    value = getattr(import_module(room), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
