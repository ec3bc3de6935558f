"""The engine that evaluates, as the settings name it."""

from __future__ import annotations

from django.conf import settings

from bihuan.measure.engine import Engine, SparkOptions, open_engine


def opened() -> Engine:
    """The engine, ready to be asked; close it to give back what it holds."""
    options = SparkOptions(
        memory=settings.BIHUAN_SPARK_MEMORY,
        driver_memory=settings.BIHUAN_SPARK_DRIVER_MEMORY,
        cores=settings.BIHUAN_SPARK_CORES,
        driver_host=settings.BIHUAN_SPARK_DRIVER_HOST,
        more=settings.BIHUAN_SPARK_CONF,
    )
    return open_engine(settings.BIHUAN_ENGINE, spark=options)
