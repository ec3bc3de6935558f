"""Names of columns on the import pages."""

from __future__ import annotations

from django import template

from bihuan.collect.records import labels

register = template.Library()
register.filter("target_name", labels.target)
register.filter("table_name", labels.table)
