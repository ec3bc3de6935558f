"""Every expected value is looked at by a test, or is listed here with the reason why not."""

from __future__ import annotations

import fnmatch
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stats.support import WATCH, expected, leaves

NOT_TESTED = {
    "*/_versions/*": "says which versions computed the values",
    "spc/*/violations_runs": "qcc's run rule is seven on one side, which is none of Nelson's",
    "survey/strat_prop_schwide/levels": "names",
    "misc_R/bh_1995/holm": "not offered: discoveries are held to their rate, not to none false",
    "misc_R/bh_1995/bonf": "not offered, as above",
    "misc_R/bh_1995/BY": "not offered: series of places do not depend on each other so strongly",
    "misc_R/bh_1995/note": "words",
    "misc_R/attitude_relimp/last": "not offered: usefulness hides drivers that go together",
    "misc_R/attitude_cronbach_alpha/*": "not offered: the index is made of given weights, not of a scale",
    "formulas/sample_size_p50_95/*/round": "the product rounds up",
    "formulas/sample_size_p50_95/*/n_alt_n0_over_N": "another formula, smaller by less than one answer",
    "formulas/ahp/*/weights_geomean": "an approximation of the eigenvector, which is computed",
    "formulas/entropy_weights/entropy": "a step on the way to the weights, which are tested",
}


@pytest.mark.slow
def test_every_expected_value_is_looked_at(reference: Path, tmp_path: Path) -> None:
    log, here = tmp_path / "looked-at", Path(__file__).parent
    files = sorted(path for path in here.glob("test_reference_*.py") if path != Path(__file__))
    ours = ("PYTEST_", "BIHUAN_TEST_", "DJANGO_SETTINGS_MODULE")  # another run makes a place of its own
    own = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    command = [sys.executable, "-m", "pytest", "-q", *map(str, files)]
    subprocess.run(
        command, check=True, cwd=here.parents[1], capture_output=True, env={**own, WATCH: str(log)}
    )
    seen = set(log.read_text(encoding="utf-8").split("\n"))
    every = list(leaves(expected(reference)))
    excused = {path for path in every if any(fnmatch.fnmatch(path, known) for known in NOT_TESTED)}
    assert sorted(set(every) - seen - excused) == []
    assert [known for known in NOT_TESTED if not fnmatch.filter(every, known)] == []
    assert sorted(excused & seen) == []
