"""System check: what the settings name can evaluate."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import Warning as CheckWarning
from django.core.checks import register
from django.utils.translation import gettext as _


@register("bihuan", deploy=False)
def engine_answers(**_more: Any) -> list[CheckWarning]:
    """A Spark cluster can be used from this machine, and its master answers."""
    if settings.BIHUAN_ENGINE == "duckdb":
        return []
    from bihuan.measure.engine import EngineError, check_engine  # loads DuckDB and Ibis

    try:
        check_engine(settings.BIHUAN_ENGINE)
    except EngineError as exc:
        told = {
            "no_pyspark": _("BIHUAN_ENGINE names a Spark cluster, but pyspark is not installed."),
            "no_java": _("BIHUAN_ENGINE names a Spark cluster, but there is no Java on this machine."),
            "no_master": _("BIHUAN_ENGINE: the Spark master does not answer."),
        }
        hint = {
            "no_pyspark": _("Install it with: pip install 'bihuan[spark]'"),
            "no_java": _("Install a Java runtime of version 17 or 21, or let JAVA_HOME name its folder."),
            "no_master": _("Start it, or set BIHUAN_ENGINE to where it is."),
        }
        return [CheckWarning(told[exc.code], hint=hint[exc.code], id="config.W001")]
    return []
