"""The charts that several rooms draw."""

from bihuan.base.documents.drawings.intervals import intervals
from bihuan.base.documents.drawings.shapes import Break, Group, Normal, Point, Signal, text_width
from bihuan.base.documents.drawings.trend import trend

__all__ = ["Break", "Group", "Normal", "Point", "Signal", "intervals", "text_width", "trend"]
