"""The small language of definitions: read, checked against a table's columns, never run as Python.

A text such as ``priority = 'emergency' and arrived_at - reported_at <= 30 minutes`` becomes a tree of
`Node`; `bihuan.measure.build` turns the tree into an Ibis expression. There are columns, numbers,
texts in single quotes, ``true``, ``false``; durations (``30 days``, ``12 months``); ``= != < <= > >=``,
``is null``, ``is not null``, ``in (...)``, ``and or not``, ``+ - * /``; the functions of `FUNCTIONS`;
and the instants of `CONSTANTS`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

BOOL, NUMBER, TEXT, INSTANT, DURATION, NULL = "flag", "number", "text", "instant", "duration", "null"
CONSTANTS = {
    "as_of": "the instant at which the run judges",
    "cycle_start": "start of the cycle",
    "cycle_end": "end of the cycle, or as_of where that is earlier",
    "period_end": "end of the row's month, or as_of where that is earlier",
}
FUNCTIONS = {
    "coalesce": "the first that is filled",
    "least": "the smallest of the filled ones",
    "greatest": "the largest of the filled ones",
    "abs": "without its sign",
    "minutes": "a duration in minutes",
    "hours": "a duration in hours",
    "days": "a duration in days",
    "contains": "whether a text holds another",
}
UNITS = {"minute": 1, "hour": 60, "day": 1440, "week": 10080, "month": 0, "year": 0}  # minutes; 0: varies
COMPARISONS = {"=": "=", "==": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
KEYWORDS = {"and", "or", "not", "is", "in", "null", "true", "false"}
DEEPEST = 60

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<text>'(?:[^']|'')*')|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign><=|>=|<>|!=|==|[=<>()+\-*/,]))"
)


class ExpressionError(ValueError):
    """An expression cannot be read; the message says where and what would do."""


@dataclass(frozen=True)
class Node:
    """One piece of an expression: what it does, the type it gives, its arguments and its value."""

    op: str
    type: str
    args: tuple[Node, ...] = ()
    value: object = None

    def columns(self) -> frozenset[str]:
        """The names of the columns it reads."""
        own = frozenset([str(self.value)]) if self.op == "column" else frozenset[str]()
        return own.union(*(a.columns() for a in self.args))


def column_types(schema: pa.Schema) -> dict[str, str]:
    """The type of each column in the words of this language."""
    return {field.name: _kind(field.type) for field in schema}


def _kind(type_: pa.DataType) -> str:
    if pa.types.is_boolean(type_):
        return BOOL
    if pa.types.is_floating(type_) or pa.types.is_integer(type_):
        return NUMBER
    return INSTANT if pa.types.is_timestamp(type_) else TEXT


def parse(text: str, columns: Mapping[str, str], wanted: str | None = None) -> Node:
    """Read an expression over columns of the given types.

    Raises `ExpressionError` when it cannot be read, names a column that is not there, mixes types, or
    does not give the `wanted` type.
    """
    node = _Parser(text, columns).whole()
    if wanted and node.type != wanted:
        raise ExpressionError(f"it gives a {node.type}, and a {wanted} is needed")
    return node


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None:
            raise ExpressionError(f"{text[at:].strip()[:20]!r} cannot be read at character {at + 1}")
        kind = str(match.lastgroup)
        word = match.group(kind)
        if kind == "name" and word.lower() in KEYWORDS:
            kind, word = "word", word.lower()
        found.append((kind, word))
        at = match.end()
    return [*found, ("end", "")]


class _Parser:
    """Recursive descent; one method for each strength of binding."""

    def __init__(self, text: str, columns: Mapping[str, str]) -> None:
        if not isinstance(text, str) or not text.strip():
            raise ExpressionError("it is empty")
        self._tokens = _tokens(text)
        self._at = 0
        self._depth = 0
        self._columns = columns

    def whole(self) -> Node:
        node = self._either()
        if self._now[0] != "end":
            raise ExpressionError(f"{self._now[1]!r} is not expected after a finished expression")
        return node

    @property
    def _now(self) -> tuple[str, str]:
        return self._tokens[self._at]

    def _take(self, *words: str) -> str | None:
        """Step over the next token when it is one of the words or signs."""
        kind, word = self._now
        if kind in ("word", "sign") and word in words:
            self._at += 1
            return word
        return None

    def _need(self, word: str) -> None:
        if self._take(word) is None:
            raise ExpressionError(f"{word!r} is needed where {self._now[1] or 'the end'!r} stands")

    def _either(self) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ExpressionError(f"it is nested more than {DEEPEST} deep")
        node = self._both()
        while self._take("or"):
            node = Node("or", BOOL, (_need_type(node, BOOL), _need_type(self._both(), BOOL)))
        self._depth -= 1
        return node

    def _both(self) -> Node:
        node = self._negated()
        while self._take("and"):
            node = Node("and", BOOL, (_need_type(node, BOOL), _need_type(self._negated(), BOOL)))
        return node

    def _negated(self) -> Node:
        negations = 0
        while self._take("not"):
            negations += 1
        node = self._comparison()
        return Node("not", BOOL, (_need_type(node, BOOL),)) if negations % 2 else node

    def _comparison(self) -> Node:
        left = self._sum()
        if self._take("is"):
            negative = self._take("not")
            self._need("null")
            node = Node("is null", BOOL, (left,))
            return Node("not", BOOL, (node,)) if negative else node
        if self._now == ("word", "not") and self._tokens[self._at + 1] == ("word", "in"):
            self._at += 1
            return Node("not", BOOL, (self._member(left),))
        if self._now == ("word", "in"):
            return self._member(left)
        sign = self._take(*COMPARISONS)
        if sign is None:
            return left
        right = self._sum()
        _same(left, right, sign)
        if BOOL in (left.type, right.type) and COMPARISONS[sign] not in ("=", "!="):
            raise ExpressionError(f"flags have no order, so {sign!r} cannot compare them")
        return Node(COMPARISONS[sign], BOOL, (left, right))

    def _member(self, left: Node) -> Node:
        self._need("in")
        self._need("(")
        found = [self._sum()]
        while self._take(","):
            found.append(self._sum())
        self._need(")")
        for node in found:
            _same(left, node, "in")
        return Node("in", BOOL, (left, *found))

    def _sum(self) -> Node:
        node = self._product()
        while sign := self._take("+", "-"):
            node = _added(sign, node, self._product())
        return node

    def _product(self) -> Node:
        node = self._factor()
        while sign := self._take("*", "/"):
            node = Node(sign, NUMBER, (_need_type(node, NUMBER), _need_type(self._factor(), NUMBER)))
        return node

    def _factor(self) -> Node:
        kind, word = self._now
        if self._take("-"):
            self._depth += 1
            if self._depth > DEEPEST:
                raise ExpressionError(f"it is nested more than {DEEPEST} deep")
            node = Node("negative", NUMBER, (_need_type(self._factor(), NUMBER),))
            self._depth -= 1
            return node
        if self._take("("):
            node = self._either()
            self._need(")")
            return node
        if self._take("true", "false"):
            return Node("literal", BOOL, value=word == "true")
        if kind == "number":
            self._at += 1
            return self._quantity(float(word))
        if kind == "text":
            self._at += 1
            return Node("literal", TEXT, value=word[1:-1].replace("''", "'"))
        if kind == "name":
            self._at += 1
            return self._call(word) if self._take("(") else self._name(word)
        raise ExpressionError(f"a column or value is needed where {word or 'the end'!r} stands")

    def _quantity(self, amount: float) -> Node:
        """A number, or a duration when the name of a unit follows."""
        kind, word = self._now
        unit = word.lower().removesuffix("s")
        if kind != "name" or unit not in UNITS:
            return Node("literal", NUMBER, value=amount)
        self._at += 1
        if amount != int(amount):
            raise ExpressionError(f"{amount:g} {word}: write a duration as a whole number of a smaller unit")
        return Node("duration", DURATION, value=(int(amount), unit))

    def _name(self, name: str) -> Node:
        if name in self._columns:
            return Node("column", self._columns[name], value=name)
        if name in CONSTANTS:
            return Node("constant", INSTANT, value=name)
        raise ExpressionError(f"there is no column {name!r}; there are {', '.join(sorted(self._columns))}")

    def _call(self, name: str) -> Node:
        if name not in FUNCTIONS:
            raise ExpressionError(f"there is no function {name!r}; there are {', '.join(FUNCTIONS)}")
        args = [self._either()]
        while self._take(","):
            args.append(self._either())
        self._need(")")
        return _checked_call(name, args)


def _checked_call(name: str, args: list[Node]) -> Node:
    if name in ("coalesce", "least", "greatest"):
        for node in args[1:]:
            _same(args[0], node, name)
        return Node(name, args[0].type, tuple(args))
    if name == "contains":
        if len(args) != 2 or args[1].op != "literal":
            raise ExpressionError("contains takes a column and a text in quotes")
        return Node(name, BOOL, (_need_type(args[0], TEXT), _need_type(args[1], TEXT)))
    if len(args) != 1:
        raise ExpressionError(f"{name} takes one argument, not {len(args)}")
    wanted = NUMBER if name == "abs" else DURATION
    return Node(name, NUMBER, (_need_type(args[0], wanted),))


def _need_type(node: Node, wanted: str) -> Node:
    if node.type != wanted:
        raise ExpressionError(f"a {wanted} is needed where {_shown(node)} stands, which is a {node.type}")
    return node


def _shown(node: Node) -> str:
    return repr(node.value) if node.value is not None else f"the result of {node.op!r}"


def _same(left: Node, right: Node, what: str) -> None:
    if left.type != right.type:
        raise ExpressionError(
            f"{what!r} cannot put {_shown(left)} ({left.type}) beside {_shown(right)} ({right.type})"
        )
    for node in (left, right):
        if node.op == "duration" and UNITS[_unit(node)] == 0:
            raise ExpressionError("months and years have no fixed length; compare with days")


def _unit(node: Node) -> str:
    assert isinstance(node.value, tuple)
    return str(node.value[1])


def _added(sign: str, left: Node, right: Node) -> Node:
    """Plus and minus, for numbers, instants and durations."""
    pair = (left.type, right.type)
    if pair == (NUMBER, NUMBER):
        return Node(sign, NUMBER, (left, right))
    if pair == (INSTANT, DURATION) and right.op == "duration":
        return Node("later" if sign == "+" else "earlier", INSTANT, (left, right))
    if pair == (INSTANT, INSTANT) and sign == "-":
        return Node("between", DURATION, (left, right))
    raise ExpressionError(
        f"{sign!r} cannot join {_shown(left)} ({left.type}) and {_shown(right)} ({right.type})"
    )
