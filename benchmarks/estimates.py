"""Means of 10,000 domains with stratified standard errors, against the package survey of R."""

from __future__ import annotations

import csv
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.race import MissingError, Outcome, Seconds, best
from bihuan.stats import estimate

ANSWERS, CITIES, PROJECTS = 1_000_000, 40, 10_000
SAMPLE = 25  # domains that R is asked for
SCRIPT = """
suppressMessages(library(survey))
arguments <- commandArgs(TRUE)
n <- as.integer(arguments[3])
columns <- matrix(readBin(arguments[1], "double", 5 * n), n)
colnames(columns) <- c("y", "weight", "stratum", "frame", "project")
rows <- as.data.frame(columns)
design <- svydesign(id = ~1, strata = ~stratum, weights = ~weight, fpc = ~frame, data = rows)
wanted <- as.integer(strsplit(arguments[4], ",")[[1]])
ask <- function(one) { found <- svymean(~y, subset(design, project == one)); c(coef(found), SE(found)) }
took <- system.time(found <- sapply(wanted, ask))
worked <- took[[1]] + took[[2]]
out <- data.frame(project = wanted, value = found[1, ], se = found[2, ], clock = took[[3]], worked)
write.csv(format(out, digits = 17), arguments[2], row.names = FALSE, quote = FALSE)
"""


def race() -> list[Outcome]:
    """The same million answers on both sides; R is asked for some of the domains."""
    rscript = shutil.which("Rscript")
    if not rscript or subprocess.run([rscript, "-e", "library(survey)"], capture_output=True).returncode:
        raise MissingError("apt-get install --no-install-recommends r-cran-survey (Debian, Ubuntu)")
    rng = np.random.default_rng(7)
    city = rng.integers(0, CITIES, ANSWERS)
    project = city + CITIES * rng.integers(0, PROJECTS // CITIES, ANSWERS)
    stratum = city * 5 + rng.choice(5, ANSWERS, p=[0.4, 0.25, 0.15, 0.12, 0.08])
    weight = np.round(rng.gamma(8, 1 / 8, ANSWERS) + 0.2, 6)
    y = np.clip(np.rint(3.4 + 0.5 * np.sin(project * 0.37) + rng.normal(0, 1, ANSWERS)), 1, 5)
    frame = 3.0 * np.bincount(stratum)[stratum]
    estimate.mean(y[:100], weight[:100], domain=project[:100])
    ours, mine = best(5, lambda: estimate.mean(y, weight, stratum, frame, domain=project))
    wanted = np.unique(rng.choice(project, 4 * SAMPLE))[:SAMPLE]
    seconds, theirs = _in_r(rscript, np.stack([y, weight, stratum, frame, project]), wanted)
    at = np.searchsorted(mine.domain, theirs[:, 0].astype(np.int64))
    worst = max(
        float(np.max(np.abs(got[at] / theirs[:, k] - 1))) for k, got in ((1, mine.value), (2, mine.se))
    )
    domains = len(mine.domain)
    return [
        Outcome(
            f"Mean and stratified standard error of {domains:,} domains, {ANSWERS:,} answers, 200 strata",
            "R survey",
            ours,
            seconds.scaled(domains / len(wanted)),
            1000,
            f"values and errors differ by at most {worst:.0e} (1e-09 is wanted) over {len(wanted)} domains",
            f"subset and svymean, as svyby does, timed on {len(wanted)} domains and scaled",
        )
    ]


def _in_r(rscript: str, columns: np.ndarray, wanted: np.ndarray) -> tuple[Seconds, np.ndarray]:
    """Seconds of all domains, and project, value and standard error of each domain."""
    with tempfile.TemporaryDirectory() as folder:
        code, data, out = (Path(folder, name) for name in ("race.R", "data", "out.csv"))
        code.write_text(SCRIPT)
        columns.astype(np.float64).tofile(data)
        listed = ",".join(map(str, wanted))
        command = [rscript, code, data, out, str(columns.shape[1]), listed]
        subprocess.run(command, check=True, capture_output=True)
        with out.open() as lines:
            rows = [[float(v) for v in row.values()] for row in csv.DictReader(lines)]
    return Seconds(*rows[0][3:]), np.array(rows)
