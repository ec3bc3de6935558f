"""Guesses from headings."""

from __future__ import annotations

import pytest

from bihuan.collect.records import guess


@pytest.mark.parametrize(
    ("headings", "table"),
    [
        (["工单编号", "所属项目", "报修时间", "到场时间", "完成时间", "评分"], "work_orders"),
        (["投诉编号", "小区名称", "投诉时间", "首次回复时间", "办结时间"], "feedback"),
        (["检查编号", "项目", "检查项目", "检查结果", "得分", "检查日期"], "inspection_items"),
        (["任务编号", "项目", "任务类型", "计划完成时间", "实际完成时间"], "tasks"),
        (["设备编号", "项目", "设备类型", "有效期至", "检测日期"], "assets"),
    ],
)
def test_the_table_is_told_by_its_headings(headings, table):
    assert guess.table(headings) == table


def test_columns_are_found_by_what_files_call_them():
    headings = [
        "工单号",
        "小区",
        "报事类型",
        "紧急级别",
        "受理时间",
        "到达时间",
        "完工时间",
        "满意度",
        "备注",
    ]
    assert guess.columns("work_orders", headings) == {
        "key": "工单号",
        "project": "小区",
        "category": "报事类型",
        "priority": "紧急级别",
        "reported_at": "受理时间",
        "arrived_at": "到达时间",
        "resolved_at": "完工时间",
        "rating": "满意度",
    }


def test_width_case_and_marks_do_not_matter():
    found = guess.columns("work_orders", ["Ｒeported_At", " 工单-编号 ", "Project"])
    assert found == {"reported_at": "Ｒeported_At", "key": " 工单-编号 ", "project": "Project"}


def test_a_heading_is_used_once():
    found = guess.columns("feedback", ["受理时间", "类型", "编号", "项目"])
    assert len(set(found.values())) == len(found)


@pytest.mark.parametrize(
    ("name", "wanted"), [("crm_export_202607.csv.gz", "crm_export"), ("维修工单2026.xlsx", "work_orders")]
)
def test_the_name_of_the_system(name, wanted):
    assert guess.source_name(name, "work_orders") == wanted
