"""Mapping files: how the columns of one make of file become facts of the archive."""

from bihuan.collect.records.mapping.spec import MappingError, MappingSpec
from bihuan.collect.records.mapping.transform import Outcome, Transformer

__all__ = ["MappingError", "MappingSpec", "Outcome", "Transformer"]
