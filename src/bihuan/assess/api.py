"""Scorecards, indicators, results and runs for programs."""

from __future__ import annotations

from ninja import Router

router = Router(tags=["assess"])
