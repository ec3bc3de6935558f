"""From cells to estimates for every place: sums are added up the tree, then divided once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from bihuan.measure import cycles
from bihuan.measure.blocks import Block, Domains, Items, compressed, item_codes
from bihuan.measure.context import Context
from bihuan.measure.definition import Definition
from bihuan.measure.facts import CLUSTER
from bihuan.measure.kinds.additive import BINARY
from bihuan.measure.places import Tree
from bihuan.measure.plan import BUILDING, WHOLE, Column
from bihuan.measure.raked import raked_se
from bihuan.measure.sample import Register, strata_of
from bihuan.measure.sums import Cells, month_of
from bihuan.stats import intervals, sums
from bihuan.stats.types import Floats, Ints

PROPORTIONS = frozenset({"share", "top_box", "bottom_box", "on_time"})
RANGES: Mapping[str, tuple[float, float]] = {
    "nps": (-1.0, 1.0), "index": (0.0, 1.0), "points": (0.0, 1.0)
}  # fmt: skip


def domains_of(cells: Cells, tree: Tree, months: list[str], *, monthly: bool, above: bool) -> Domains:
    """The domains of cells: their own place and, where they are told ``above``, all places over it."""
    by_building = cells.step.breakdown == BUILDING
    place = tree.places_of(cells.project.names)[cells.project.codes]
    if by_building:
        place = tree.own_buildings(tree.places_of(cells.item.names)[cells.item.codes], place)
    if above:
        lineage = tree.lineage(place)
    else:  # what stands above projects is gathered from several shares
        there = np.flatnonzero((place >= 0) & ~tree.is_above[place])
        lineage = there, place[there]
    item = np.zeros(len(cells), np.int64) if by_building else cells.item.codes
    period = month_of(cells.period, months)
    return Domains.of(lineage, period, np.maximum(item, 0), monthly=monthly, whole=cells.latest)


@dataclass(frozen=True)
class Groups:
    """Pairs that come together: those of one domain and stratum, in this order."""

    of_pair: Ints
    domain: Ints
    stratum: Ints

    @classmethod
    def of(cls, domain: Ints, stratum: Ints) -> Groups:
        """Bring pairs of cell and domain together by domain and stratum."""
        strata = int(stratum.max(initial=0)) + 1
        found, at = compressed(domain * strata + stratum)
        return cls(at, found // strata, found % strata)

    @classmethod
    def alone(cls, domains: Domains) -> Groups:
        """Every domain is a stratum of its own: the records of a place are a census of it, no sample."""
        every = np.arange(len(domains))
        return cls(domains.domain, every, every)

    def total(self, values: Floats) -> Floats:
        """Sum of the pairs' values in each group."""
        return np.bincount(self.of_pair, values, len(self.domain)).astype(np.float64)


@dataclass(frozen=True)
class Rollup:
    """Turns the cells of a step into blocks.

    Attributes
    ----------
    above : bool
        Whether the blocks are of the places above projects, or of projects and buildings.
    sample : mapping of Cells
        For the table of answers, the cells of everybody by breakdown, where those at hand are only some.
    """

    context: Context
    tree: Tree
    register: Register
    above: bool = False
    sample: Mapping[str, Cells] = field(default_factory=dict)
    values: Items = field(default_factory=Items)
    _known: dict[tuple[int, bool], Domains] = field(default_factory=dict)
    _groups: dict[int, Groups] = field(default_factory=dict)

    @property
    def months(self) -> list[str]:
        """The months of the cycle."""
        return cycles.months(self.context.cycle)

    def domains(self, cells: Cells, definition: Definition) -> Domains:
        """The domains of cells; months only where the indicator is monthly and not broken down."""
        monthly = definition.monthly and cells.step.breakdown == WHOLE
        key = id(cells), monthly
        if key not in self._known:
            self._known[key] = domains_of(cells, self.tree, self.months, monthly=monthly, above=self.above)
        return self._known[key]

    def forget(self) -> None:
        """Let go of what was worked out for the cells so far."""
        self._known.clear()
        self._groups.clear()

    def items(self, cells: Cells, domains: Domains) -> Ints:
        """The item of each domain, none where it is not broken down."""
        if cells.step.breakdown in (WHOLE, BUILDING):
            return np.zeros(len(domains), np.int64)
        return item_codes(domains, cells.item.names, self.values)

    def block(self, cells: Cells, column: Column, definition: Definition) -> Block:
        """The estimates of one indicator."""
        domains = self.domains(cells, definition)
        six = cells.sums[column]
        estimates = self._estimates(cells, domains, column, survey=cells.step.table == "answers")
        n = estimates.n
        if cells.step.table == "inspection_items" and definition.kind != "points":
            n = domains.total(six[2])  # items are counted, inspections are what varies
        there = n > 0
        low, high, n_eff = _interval(definition, column, cells.step.table, estimates, domains, six, n)
        scale = definition.scale
        counts = definition.kind == "count"
        return Block(
            column.definition,
            "" if cells.step.breakdown == BUILDING else cells.step.breakdown,
            domains.place,
            domains.period,
            self.items(cells, domains),
            n,
            n_eff,
            domains.total(six[1]),
            domains.total(six[2]),
            domains.total(six[1]) if counts else estimates.value * scale,
            np.sqrt(domains.total(six[1])) if counts else estimates.se * scale,
            estimates.df,
            low if counts else low * scale,
            high if counts else high * scale,
            estimates.deff,
        ).only(there)

    def _estimates(self, cells: Cells, domains: Domains, column: Column, *, survey: bool) -> sums.Estimates:
        six, everybody = cells.sums[column], self._everybody(cells)
        strata = None
        if survey and len(cells):
            strata = strata_of(cells, everybody, column, domains, self.register, self.months)
        if id(domains) not in self._groups:
            self._groups[id(domains)] = (
                Groups.of(domains.domain, strata.of_pair) if strata else Groups.alone(domains)
            )
        groups = self._groups[id(domains)]
        n, a, b, aa, bb, ab = (groups.total(row[domains.cell]) for row in six)
        found = sums.ratio(
            n,
            a,
            b,
            aa,
            bb,
            ab,
            groups.domain,
            groups.stratum,
            len(domains),
            frame_size=strata.frame if strata else None,
            sample_size=strata.drawn if strata else None,
        )
        if strata and len(everybody.weight_cell.names) > 1:
            se = raked_se(cells, domains, column, found.value, strata.sample, everybody)
            with np.errstate(divide="ignore", invalid="ignore"):
                shrink = np.where((found.se > 0) & (se > 0), (found.se / se) ** 2, 1.0)
            found = replace(found, se=se, n_eff=found.n_eff * shrink, deff=found.deff / shrink)
        return found

    def _everybody(self, cells: Cells) -> Cells:
        """The cells of the whole sample that these are of."""
        return self.sample.get(cells.step.breakdown, cells)


def _interval(
    definition: Definition,
    column: Column,
    table: str,
    found: sums.Estimates,
    domains: Domains,
    six: Floats,
    n: Floats,
) -> tuple[Floats, Floats, Floats]:
    """Low, high and the effective number of units, on the scale of Σa/Σb."""
    if definition.kind == "count":
        count = domains.total(six[1])
        return (*intervals.poisson_rate(count, np.ones(len(count))), found.n)
    if definition.kind in PROPORTIONS or "counts" in definition.settings:
        return _share_interval(definition, column, table, found, domains, six, n)
    ends = RANGES.get(definition.kind) or definition.range
    if ends and definition.kind != "points":
        return (*intervals.bounded(found.value, found.se, _units(found), found.df, ends), found.n_eff)
    low, high = intervals.student(found.value, found.se, found.df)
    if ends:
        low, high = np.clip(low, *ends), np.clip(high, *ends)
    return low, high, found.n_eff


def _units(found: sums.Estimates) -> Floats:
    """Units under the value; where nothing varies, as many equally weighted ones as they are worth."""
    return np.where(found.se > 0, found.n, found.n_eff)


def _share_interval(
    definition: Definition,
    column: Column,
    table: str,
    found: sums.Estimates,
    domains: Domains,
    six: Floats,
    n: Floats,
) -> tuple[Floats, Floats, Floats]:
    """Interval of a share of answers, of items of inspections, or of records that are all there are."""
    share = np.clip(found.value, 0, 1)
    if table == "answers":
        n_eff = intervals.effective_n(share, found.se, found.n_eff)
        return (*intervals.bounded(share, found.se, _units(found), found.df), n_eff)
    if table in CLUSTER:  # where inspections do not vary, the items are all there is to go by
        limits = intervals.korn_graubard(share, found.se, n, found.df, most=n)
        return (*limits, intervals.effective_n(share, found.se, n))
    whole = domains.total(six[2]) if definition.kind == "ratio" else found.n
    if definition.kind != "ratio" and column.shape != BINARY:
        whole = intervals.effective_n(share, found.se, n)
    return (*intervals.wilson(share, whole), whole)
