"""Ibis expressions in Spark's SQL, meaning what they mean in DuckDB's."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
from ibis.backends.sql.compilers.pyspark import PySparkCompiler


class _Compiler(PySparkCompiler):
    """Ibis' own compiler, with what Spark would read otherwise written otherwise."""

    __slots__ = ()

    def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: dt.DataType) -> Any:  # noqa: N802
        """Numbers with a point are doubles: Spark would take them for decimals, which divide coarsely."""
        if dtype.is_floating():
            return self.cast(repr(float(value)), dt.float64)
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)


def sql_of(expression: ir.Table) -> str:
    """The expression as one statement."""
    ibis.pyspark  # noqa: B018  (Ibis makes the compiler's options only when the backend is first named)
    return str(_Compiler().to_sqlglot(expression.unbind()).sql(dialect="spark"))


def tables_of(expression: ir.Table) -> dict[str, ibis.Schema]:
    """The tables that an expression reads, with their columns."""
    return {table.name: table.schema for table in expression.op().find(ops.UnboundTable)}
