"""Blocks of everything that adds up, from the cells of a group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bihuan.measure.blocks import Block, Domains
from bihuan.measure.definition import Definition
from bihuan.measure.kinds import rates
from bihuan.measure.kinds.combined import composite_block, response_rate_block
from bihuan.measure.plan import BUILDING, WHOLE, Column
from bihuan.measure.rollup import Rollup
from bihuan.measure.sums import Cells
from bihuan.stats.types import Floats, Ints

# By indicator and breakdown: domains, a total in each of them, and the codes of their items.
Totals = dict[tuple[int, str], tuple[Domains, Floats, Ints]]


def added_up(definitions: Mapping[int, Definition], found: Sequence[Cells], rollup: Rollup) -> list[Block]:
    """The blocks of all cells; buildings are not asked for at the places above projects."""
    blocks: list[Block] = []
    by_part: dict[tuple[int, str], dict[str, Block]] = {}
    exposed, happened = _exposed(definitions, found, rollup), Totals()
    for cell in found:
        way = cell.step.breakdown
        if rollup.above and way == BUILDING:
            continue
        columns = {(c.definition, c.part): c for c in cell.step.columns}
        for (number, part), column in columns.items():
            definition = definitions[number]
            if part in (rates.EXPOSURE, "eligible"):
                continue
            if definition.kind == "rate_per":
                happened[number, way] = _total(cell, column, definition, rollup)
            elif definition.response_rate:
                blocks.append(_response_rate(definition, cell, column, columns[number, "eligible"], rollup))
            elif definition.parts:
                by_part.setdefault((number, way), {})[part] = rollup.block(cell, column, definition)
            else:
                blocks.append(rollup.block(cell, column, definition))
        rollup.forget()
    for (number, way), parts in by_part.items():
        name = "" if way == BUILDING else way
        blocks.append(composite_block(definitions[number], number, name, parts))
    return blocks + _rates(definitions, exposed, happened)


def _total(
    cell: Cells, column: Column, definition: Definition, rollup: Rollup
) -> tuple[Domains, Floats, Ints]:
    domains = rollup.domains(cell, definition)
    return domains, domains.total(cell.sums[column][1]), rollup.items(cell, domains)


def _response_rate(
    definition: Definition, cell: Cells, column: Column, eligible: Column, rollup: Rollup
) -> Block:
    domains = rollup.domains(cell, definition)
    name = "" if cell.step.breakdown == BUILDING else cell.step.breakdown
    items = rollup.items(cell, domains)
    return response_rate_block(
        column.definition, name, domains, items, cell.sums[column], cell.sums[eligible]
    )


def _exposed(definitions: Mapping[int, Definition], found: Sequence[Cells], rollup: Rollup) -> Totals:
    exposed: Totals = {}
    for cell in found:
        if rollup.above and cell.step.breakdown == BUILDING:
            continue
        for column in cell.step.columns:
            if column.part == rates.EXPOSURE:
                definition = definitions[column.definition]
                exposed[column.definition, cell.step.breakdown] = _total(cell, column, definition, rollup)
    return exposed


def _rates(definitions: Mapping[int, Definition], exposed: Totals, happened: Totals) -> list[Block]:
    blocks: list[Block] = []
    for number, definition in definitions.items():
        if definition.kind != "rate_per" or (number, WHOLE) not in exposed:
            continue
        for way in (WHOLE, *definition.breakdowns):
            base = exposed.get((number, way))
            if base is None and way == BUILDING:
                continue
            blocks.append(
                rates.rate_block(
                    definition, number, way, base or exposed[number, WHOLE], happened.get((number, way))
                )
            )
    return blocks
