from bihuan.assess import queries


def test_smoke(evaluated):
    rows = queries.results_rows(None, cycle="2026Q3")
    for r in rows[:400]:
        if r["place"] in ("POOR", "HT", "SMALL"):
            print(
                r["place"],
                r["indicator"],
                r["n"],
                r["value"],
                r["low"],
                r["high"],
                r["status"],
                r["standing"],
                r["change"],
                r["comparable"],
                r["score"],
            )
    card = queries.scorecard(
        None,
        "2026Q3",
        evaluated.company.company if hasattr(evaluated.company, "company") else evaluated.company,
        queries.Wanted(),
    )
    print(card.verdict)
    for row in card.rows:
        print(row.place, row.score, row.bar)
    print(card.top)
    d = queries.indicator_detail(None, "R03", evaluated.poor, "2026Q3")
    print(d.verdict, d.missed, d.rank, [(p.label, p.reading.value if p.reading else None) for p in d.trend])
    print(d.groups)
    p = queries.place_detail(None, evaluated.poor, "2026Q3")
    print(p.verdict)
