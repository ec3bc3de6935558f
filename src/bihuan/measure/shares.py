"""How the work of an evaluation is shared out: indicators whose tables belong together, projects by number.

The files of a partition hold whole projects, told apart by a hash. A share has the projects of one hash, so
that its results depend on few files, and stay as they are when others change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bihuan.archive.merge import split_of
from bihuan.measure.context import Context
from bihuan.measure.definition import Definition

INSPECTED = "inspection_items"  # red lines are looked for there, whatever else is asked


@dataclass(frozen=True)
class Group:
    """Indicators (by number) that share tables with one another, and with no other group."""

    numbers: tuple[int, ...]
    tables: tuple[str, ...]

    @property
    def name(self) -> str:
        """What its results are called."""
        return "-".join(self.tables)


@dataclass(frozen=True)
class Share:
    """The projects of a group whose hash is ``index`` of ``count``; ``files`` have facts of theirs alone."""

    group: Group
    index: int
    count: int
    files: frozenset[str]

    @property
    def name(self) -> str:
        """What its results are called."""
        return f"{self.group.name}.{self.index}of{self.count}"

    def has(self, project: str) -> bool:
        """Whether a project is one of the share."""
        return self.count == 1 or split_of(project, self.count) == self.index


def groups(definitions: Sequence[Definition]) -> list[Group]:
    """The groups of all indicators, in the order of their tables."""
    found: list[tuple[set[str], set[int]]] = [({INSPECTED}, set())]
    for number, definition in enumerate(definitions):
        tables, numbers = tables_of(definition), {number}
        apart = []
        for group in found:
            if group[0] & tables:
                tables, numbers = tables | group[0], numbers | group[1]
            else:
                apart.append(group)
        found = [*apart, (tables, numbers)]
    made = [Group(tuple(sorted(numbers)), tuple(sorted(tables))) for tables, numbers in found]
    return sorted(made, key=lambda group: group.tables)


def tables_of(definition: Definition) -> set[str]:
    """The tables that an indicator takes facts from."""
    exposure = {"exposure"} if definition.exposure is not None else set()
    return {definition.table, *(part.table for part in definition.parts)} | exposure


def shares(
    context: Context, group: Group, projects: Mapping[str, Sequence[str]], *, together: bool
) -> tuple[list[Share], dict[str, frozenset[int]]]:
    """The shares of a group, as many as its largest partition has files; one where it is kept ``together``.

    Also says of each file which shares it has facts of.
    """
    count = 1
    if not together:
        for part in context.snapshot.partitions():
            if part.table in group.tables and part.cycle in context.pooled:
                count = max(count, 1 << (len(part.files) - 1).bit_length())
    every = [file for table in group.tables for file in context.files(table)]
    of_file = {file: _shares_of(projects.get(file, ()), count) for file in every}
    own: list[set[str]] = [set() for _ in range(count)]
    for file, found in of_file.items():
        for index in found if len(found) == 1 else ():
            own[index].add(file)
    every_share = [Share(group, k, count, frozenset(files)) for k, files in enumerate(own)]
    # Those that share files of a table with fewer files come after one another.
    return sorted(every_share, key=lambda share: f"{share.index:032b}"[::-1]), of_file


def _shares_of(projects: Iterable[str], count: int) -> frozenset[int]:
    return frozenset({split_of(project, count) for project in projects} if count > 1 else {0})
