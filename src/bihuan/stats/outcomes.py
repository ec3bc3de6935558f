"""Outcome rates of a survey by the standard definitions of AAPOR."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from bihuan.stats.types import ArrayLike, Floats


@dataclass(frozen=True)
class Rates:
    """Outcome rates; NaN where nobody stands under the line.

    Response rates (rr1 to rr6), cooperation (coop), refusal (ref), contact (con) and location (loc).
    """

    rr1: Floats
    rr2: Floats
    rr3: Floats
    rr4: Floats
    rr5: Floats
    rr6: Floats
    coop1: Floats
    coop2: Floats
    coop3: Floats
    coop4: Floats
    ref1: Floats
    ref2: Floats
    ref3: Floats
    con1: Floats
    con2: Floats
    con3: Floats
    loc1: Floats
    loc2: Floats
    e: Floats

    def as_dict(self) -> dict[str, Floats]:
        """Rates by the names AAPOR has for them, such as RR1."""
        return {f.name.upper(): getattr(self, f.name) for f in fields(self) if f.name != "e"}


def rates(
    i: ArrayLike,
    p: ArrayLike = 0,
    r: ArrayLike = 0,
    nc: ArrayLike = 0,
    o: ArrayLike = 0,
    uh: ArrayLike = 0,
    uo: ArrayLike = 0,
    ne: ArrayLike = 0,
    e: ArrayLike | None = None,
) -> Rates:
    """Outcome rates from counts of final dispositions, or from arrays of such counts.

    Parameters
    ----------
    i, p : array_like
        Complete and partial interviews.
    r, nc, o : array_like
        Refusals and break-offs, non-contacts, others: all of them eligible.
    uh, uo : array_like
        Unknown whether there is a household, and unknown whether it is eligible.
    ne : array_like
        Not eligible.
    e : array_like, optional
        Share of the unknown that is taken to be eligible; that among the known cases without it.

    References
    ----------
    American Association for Public Opinion Research, Standard Definitions, 8th edition (2015).
    """
    i, p, r, nc, o, uh, uo, ne = (np.asarray(x, dtype=np.float64) for x in (i, p, r, nc, o, uh, uo, ne))
    talked = i + p
    known = talked + r + nc + o
    reached = talked + r + o
    unknown = uh + uo
    with np.errstate(divide="ignore", invalid="ignore"):
        share = known / (known + ne) if e is None else np.asarray(e, dtype=np.float64)
        every, likely = known + unknown, known + np.where(unknown > 0, share, 0.0) * unknown
        found = np.asarray(reached + nc)

        def over(a: Floats, b: Floats) -> Floats:
            return np.asarray(np.where(b > 0, a / b, np.nan))

        return Rates(
            rr1=over(i, every),
            rr2=over(talked, every),
            rr3=over(i, likely),
            rr4=over(talked, likely),
            rr5=over(i, known),
            rr6=over(talked, known),
            coop1=over(i, reached),
            coop2=over(talked, reached),
            coop3=over(i, talked + r),
            coop4=over(talked, talked + r),
            ref1=over(r, every),
            ref2=over(r, likely),
            ref3=over(r, known),
            con1=over(reached, every),
            con2=over(reached, likely),
            con3=over(reached, known),
            loc1=over(found, every),
            loc2=over(found, likely),
            e=np.asarray(share),
        )
