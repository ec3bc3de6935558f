"""Reads of assessment: runs, scorecards, indicators at places, and rows for the command and the API."""

from bihuan.assess.queries.indicator import Detail, indicator_detail
from bihuan.assess.queries.place import PlaceDetail, place_detail
from bihuan.assess.queries.rows import results_rows
from bihuan.assess.queries.runs import history, latest_run, run_for, runs
from bihuan.assess.queries.scorecard import Scorecard, Wanted, scorecard
from bihuan.assess.queries.visible import find_place, place_choices, projects_under, visible_places

__all__ = [
    "Detail",
    "PlaceDetail",
    "Scorecard",
    "Wanted",
    "find_place",
    "history",
    "indicator_detail",
    "latest_run",
    "place_choices",
    "place_detail",
    "projects_under",
    "results_rows",
    "run_for",
    "runs",
    "scorecard",
    "visible_places",
]
