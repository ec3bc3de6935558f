"""A million rows go through in a memory that does not grow with them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.collect.records.factories import HEADINGS, mapping

ROWS = 1_000_000


@pytest.mark.slow
def test_a_million_rows_in_bounded_memory(tmp_path):
    path = tmp_path / "big.csv"
    with path.open("w", encoding="gb18030", newline="") as file:
        file.write(",".join(HEADINGS) + "\r\n")
        for n in range(ROWS):
            bad = "9" if n % 10_000 == 0 else "4"
            start, end = f"2026-07-{n % 28 + 1:02} 08:{n % 60:02}", f"2026-07-{n % 28 + 1:02} 17:{n % 60:02}"
            file.write(f"WO{n},项目{n % 40},水电,普通,{start},{end},{bad}\r\n")
    places = {
        "company": {"value": "hetai", "create": True},
        "project": {"from": "项目", "create": True},
    }
    rules = tmp_path / "mapping.yaml"
    rules.write_text(yaml.safe_dump(mapping(places=places), allow_unicode=True), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "tests.collect.records.stage_file", str(path), str(rules), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    told = json.loads(done.stdout)
    assert (told["read"], told["facts"]) == (ROWS, ROWS - ROWS // 10_000)
    # All rows at once as Python objects take several times this.
    assert told["megabytes"] < 500
