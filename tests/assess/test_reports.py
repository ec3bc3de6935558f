"""Analysis reports: drafted from a run, frozen when issued."""

from __future__ import annotations

import hashlib
import io

import pytest
from pypdf import PdfReader

from bihuan.assess import actions
from bihuan.assess.models import AnalysisReport
from bihuan.base.trail.act import Refused


def text_of(report: AnalysisReport) -> str:
    pages = PdfReader(io.BytesIO(report.read_pdf())).pages
    return "".join(page.extract_text() for page in pages).replace("\n", "").replace(" ", "")


def test_a_report_in_chinese_says_so_what_first_and_how_it_was_made(evaluated):
    report = actions.draft_report(cycle="2026Q3", language="zh-hans", actor=evaluated.manager)
    text = text_of(report)
    assert report.place == evaluated.company
    assert report.summary == "2个项目里1个达标；翠湖花园确实没达标。"
    for piece in ("翠湖花园", "2026年第三季度", "快照", "95%区间", "不到10人的结果不显示", "按户数加权"):
        assert piece in text, piece
    assert "显著" not in text


def test_a_report_in_english_is_english_throughout(evaluated):
    report = actions.draft_report(cycle="2026Q3", place="POOR", language="en", actor=evaluated.manager)
    text = text_of(report)
    for piece in ("JadeLake", "2026Q3", "95%intervals", "Repairscompletedasagreed"):
        assert piece in text, piece


def test_issuing_freezes_the_file_and_supersedes_the_one_before(evaluated):
    first = actions.draft_report(cycle="2026Q3", language="zh-hans", actor=evaluated.manager)
    actions.issue_report(first, actor=evaluated.manager)
    actions.close_cycle(code="2026Q3", actor=None)
    revision = actions.evaluate_cycle(cycle="2026Q3", actor=None)
    actions.issue_run(revision, actor=None)
    second = actions.draft_report(cycle="2026Q3", language="zh-hans", actor=evaluated.manager)
    issued = actions.issue_report(second, actor=evaluated.manager)
    first.refresh_from_db()
    assert (first.state, issued.state) == ("superseded", "issued")
    assert hashlib.sha256(issued.read_pdf()).hexdigest() == issued.sha256
    with pytest.raises(Refused):
        actions.issue_report(issued, actor=evaluated.manager)


def test_a_file_changed_behind_our_back_is_not_issued(evaluated):
    report = actions.draft_report(cycle="2026Q3", language="en", actor=None)
    with open(report.file.path, "ab") as file:
        file.write(b"%")
    with pytest.raises(Refused):
        actions.issue_report(report, actor=None)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"language": "fr"}, "language"),
        ({"cycle": "2020Q1"}, "not_evaluated"),
        ({"place": "NOWHERE"}, "no_place"),
    ],
)
def test_what_cannot_be_drafted_is_refused(evaluated, changes, code):
    with pytest.raises(Refused) as refusal:
        actions.draft_report(**{"cycle": "2026Q3", "language": "en", "actor": evaluated.manager, **changes})
    assert refusal.value.code == code


def test_only_the_place_s_quality_manager_drafts_and_issues(evaluated):
    draft = actions.draft_report(cycle="2026Q3", place="POOR", language="en", actor=None)
    for actor in (evaluated.leader, evaluated.project_head):
        with pytest.raises(Refused):
            actions.draft_report(cycle="2026Q3", place="POOR", language="en", actor=actor)
        with pytest.raises(Refused):
            actions.issue_report(draft, actor=actor)
