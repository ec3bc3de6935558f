"""What an answer is as a fold over the rows of a file: said as data, for an engine that folds by itself.

A query whose answer is made of sums can be said in two ways that mean the same: as one expression, which any
engine runs, and as a `Fold`, whose rows are an expression, too, and whose grouping is data. Grouping by
response and then by project is most of the work of an evaluation, and over files that are sorted by both it
is a loop.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime

import ibis.expr.types as ir

ROW = "file_row_number"  # the column of ``rows`` that says which row of the file each one is


@dataclass(frozen=True)
class Measure:
    """One indicator's sums: ``prefix`` in the answer, the columns of ``rows`` it is made of.

    ``shape`` says which sums there are (see `kinds.additive`); an ``index`` is made of marks by dimension.
    """

    prefix: str
    shape: str
    y: str
    x: str = ""
    index: bool = False


@dataclass(frozen=True)
class Dimensions:
    """How the marks of a response become its index: columns of the dimension and the version, and weights.

    ``weights[version]`` has a weight for each of ``names``; ``usual`` are those of any other version.
    """

    dimension: str
    version: str
    names: tuple[str, ...]
    weights: Mapping[str, tuple[float, ...]]
    usual: tuple[float, ...]


@dataclass(frozen=True)
class Fold:
    """Rows, how they come together in units, and units in cells.

    Attributes
    ----------
    rows : ibis Table
        `ROW` and the columns of the measures, null where a row does not count; ``w`` where weighted.
    keys : tuple of str
        Columns of the table that make a cell.
    item : str
        Column that cells are broken down by; rows without one are left out.
    unit : str
        Column that makes a unit within a cell; empty where every row is one.
    mean : bool
        Whether y of a unit is the mean of its rows, and x is 1; else both are totals.
    pairs : tuple of pairs
        Measures whose products over units are summed, too.
    area : str
        For scores of inspections: the column of the areas that are scored first; ``rows`` then has earned,
        most and vetoed.
    """

    rows: ir.Table
    keys: tuple[str, ...]
    item: str = ""
    item_as: str = ""
    unit: str = ""
    measures: tuple[Measure, ...] = ()
    weighted: bool = False
    mean: bool = False
    pairs: tuple[tuple[int, int], ...] = ()
    dimensions: Dimensions | None = None
    area: str = ""
    names: Mapping[str, str] = field(default_factory=dict)  # keys by another name in the answer

    @property
    def said(self) -> str:
        """All but the rows, as text: two folds that say the same give the same."""
        return repr([getattr(self, f.name) for f in fields(self) if f.name != "rows"])

    @property
    def labels(self) -> list[str]:
        """Columns of the file that it is grouped by."""
        wanted = [*self.keys, self.item, self.unit, self.area]
        if self.dimensions:
            wanted += [self.dimensions.dimension, self.dimensions.version]
        return [name for name in dict.fromkeys(wanted) if name]


@dataclass(frozen=True)
class Take:
    """Rows as they are, with columns of the file beside them: ``labels`` by their name in the answer."""

    rows: ir.Table
    named: Mapping[str, str]

    @property
    def said(self) -> str:
        """All but the rows, as text."""
        return repr(self.named)

    @property
    def labels(self) -> list[str]:
        """Columns of the file that come along."""
        return list(dict.fromkeys(self.named.values()))


@dataclass(frozen=True)
class Tally:
    """How many rows each combination of texts has, among those that had occurred by an instant.

    It is made of a few columns of a file, without looking at rows where all of them say the same.
    """

    keys: tuple[str, ...]
    until: datetime
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def said(self) -> str:
        """Everything that the answer depends on."""
        return f"tally {self.keys} {self.until.isoformat()} {sorted(self.names.items())}"
