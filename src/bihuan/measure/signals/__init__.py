"""Series under test: what is getting worse at a project, and not by chance.

A leaf series is one indicator at one project, whole, on the indicator's own period. Parents and breakdowns
are not tested: a parent is made of its leaves and inherits their signals, and the items of a breakdown are
the same records again, so that testing them would count one problem several times over, on ever fewer
records. Indicators that ask the same facts the other way round (dissatisfied beside satisfied) are left out
for the same reason. A series without numbers this cycle is not tested, and hidden numbers are no points:
only what is stored for display is read, so that no signal says more than the page does.

Every test is one-sided, towards the bad side: that is what a signal is, and what the share of false alarms
is promised for. That something got better is told by the change and its interval, without this promise.

1. the newest points against the prediction limits of the past (20 points at least, a centre for each
   quarter of the year, Student's distribution);
2. their moving average, for small shifts that last;
3. the whole cycle against the last one and, once there is one, against the same cycle of the last year, so
   that a season is no signal;
4. the seasonal Mann-Kendall trend (12 points at least).

Counts are tested exactly as well, and the larger probability counts: neither few cases nor months that
differ by more than chance make a signal. Simes makes one probability of them for each series, and
Benjamini-Hochberg over all series of the run keeps the expected share of false alarms among the signals at
5 %. Run rules are drawn, never tested. A new version of the indicator, or of the checklist or questionnaire
under it, begins a new phase: nothing before it counts.
"""
