"""The problems planted in the simulated company, so that it can be checked whether the analysis finds them.

``docs/demo.md`` tells them in words. Quarters count from 0 (2023Q4) to 11 (2026Q3).
"""

from __future__ import annotations

# A lift contractor whose response slows in four projects from the ninth quarter.
SLOW_CONTRACTOR = "K-JA"
SLOW_PROJECTS = ("P02", "P05", "P08", "P11")
SLOW_FROM = 8
SLOW_ARRIVAL = 2.1  # arrivals take this many times as long
SLOW_INTERVAL_DAYS = 3.0  # days by which the half-monthly service slips, on average

# An inspector who never finds anything: his rounds pass every item.
BLIND_INSPECTOR = "insp-07"
BLIND_PROJECTS = ("P17", "P19", "P22")

# A project whose owners are unhappy while its inspections score 98.
UNHAPPY_PROJECT = "P12"
UNHAPPY_SHIFT = -1.0  # standard deviations of the latent satisfaction

# A plan that worked: orders done as agreed fall from quarter 3, the measures of quarter 9 bring them back.
WORKED_PROJECT = "P01"
WORKED_FROM, WORKED_UNTIL = 3, 9
WORKED_DROP = 0.115

# A plan that did not: the same fall in a large project; after the measures of quarter 9 it is no better.
FAILED_PROJECT = "P07"
FAILED_FROM, FAILED_MEASURES = 3, 9
FAILED_DROP, FAILED_DROP_AFTER = 0.10, 0.14

# Complaints of one project are closed late from quarter 6.
LATE_PROJECT = "P03"
LATE_FROM = 6
LATE_DROP = 0.22

# A system that did not deliver: the patrol points of one project lack the last month.
SILENT_SOURCE = "巡更系统"
SILENT_PROJECT = "P20"
SILENT_MONTH = "2026-09"
