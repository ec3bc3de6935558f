"""Which column of a file is probably which column of a table, told by its heading."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from bihuan.archive.schema import FACTS
from bihuan.collect.records.mapping import tables

# What files of Chinese property-management systems, and English ones, call the columns.
COMMON: dict[str, tuple[str, ...]] = {
    "key": (
        "工单编号", "工单号", "单号", "编号", "流水号", "序号", "投诉编号", "任务编号", "任务单号",
        "记录编号", "id", "no", "number", "ticket", "case id", "order no",
    ),
    "project": (
        "项目", "项目名称", "所属项目", "小区", "小区名称", "楼盘", "管理处", "服务中心", "project",
    ),
    "building": ("楼栋", "楼号", "栋", "楼宇", "幢", "building", "block"),
    "service_area": ("服务区域", "服务类别", "专业", "条线", "service area"),
    "contractor": (
        "承包商", "外包商", "班组", "供应商", "处理部门", "责任单位", "维修班组", "contractor", "team",
    ),
    "occurred_at": ("发生时间", "日期", "时间", "date", "time"),
}  # fmt: skip
BY_TABLE: dict[str, dict[str, tuple[str, ...]]] = {
    "work_orders": {
        "category": ("类别", "工单类型", "报修类型", "报事类型", "维修类别", "二级分类", "category", "type"),
        "priority": ("紧急程度", "优先级", "紧急级别", "priority", "urgency"),
        "channel": ("报修渠道", "来源", "渠道", "受理方式", "报事来源", "channel", "source"),
        "asset": ("设备编号", "设备名称", "设备", "asset"),
        "asset_type": ("设备类型", "asset type"),
        "calendar": ("日历", "工作日历", "calendar"),
        "reported_at": (
            "报修时间", "报事时间", "创建时间", "受理时间", "下单时间", "登记时间", "reported at", "opened",
        ),
        "responded_at": ("响应时间", "接单时间", "首次响应时间", "responded at"),
        "arrived_at": ("到场时间", "到达时间", "上门时间", "arrived at"),
        "resolved_at": ("完成时间", "完工时间", "解决时间", "处理完成时间", "resolved at", "completed at"),
        "closed_at": ("关闭时间", "结单时间", "办结时间", "closed at", "closed"),
        "revisited_at": ("回访时间", "revisited at"),
        "due_at": ("约定时间", "约定完成时间", "要求完成时间", "截止时间", "due", "target"),
        "paused_minutes": ("挂起时长", "暂停时长", "挂起分钟", "paused minutes"),
        "limit_respond": ("响应时限", "响应时限(分)", "响应时限分钟"),
        "limit_arrive": ("到场时限", "到场时限(分)", "到场时限分钟"),
        "limit_resolve": ("完成时限", "处理时限", "完成时限(分)", "处理时限分钟"),
        "reopened": ("是否返工", "返工", "重开", "reopened"),
        "rating": ("评分", "满意度", "评价", "星级", "rating", "score"),
    },
    "feedback": {
        "kind": ("反馈类型", "类型", "诉求类型", "kind", "type"),
        "category": ("投诉类别", "分类", "类别", "投诉类型", "category"),
        "channel": ("渠道", "来源", "投诉渠道", "受理渠道", "channel"),
        "received_at": ("投诉时间", "受理时间", "反馈时间", "接收时间", "received at"),
        "first_response_at": ("首次响应时间", "首次回复时间", "响应时间", "first response"),
        "answered_at": ("答复时间", "回复时间", "answered at"),
        "closed_at": ("关闭时间", "办结时间", "结案时间", "closed at"),
        "revisited_at": ("回访时间", "revisited at"),
        "limit_first_response": ("响应时限", "首次响应时限"),
        "limit_close": ("办结时限", "处理时限"),
        "valid": ("是否有效", "有效投诉", "是否属实", "valid"),
        "reopened": ("是否重开", "重复投诉", "reopened"),
        "rating": ("评分", "满意度", "评价", "rating"),
    },
    "inspection_items": {
        "inspection": ("检查单号", "检查编号", "巡检单号", "inspection"),
        "item": ("检查项", "检查项目", "检查内容", "标准编号", "item"),
        "point": ("点位", "检查位置", "地点", "位置", "point", "location"),
        "level": ("检查级别", "检查层级", "level"),
        "result": ("检查结果", "结果", "是否合格", "result"),
        "weight": ("权重", "weight"),
        "points": ("得分", "扣分", "实得分", "points", "score"),
        "max_points": ("满分", "分值", "应得分", "max points"),
        "severity": ("严重程度", "问题级别", "severity"),
        "veto": ("一票否决", "红线", "veto"),
        "checklist_version": ("检查表版本", "版本", "checklist version"),
        "occurred_at": ("检查时间", "检查日期", "巡检时间", "inspected at", "date"),
    },
    "tasks": {
        "kind": ("任务类型", "类型", "kind"),
        "asset": ("设备编号", "设备名称", "asset"),
        "asset_type": ("设备类型", "asset type"),
        "point": ("点位", "位置", "地点", "point"),
        "due_from": ("计划开始", "计划开始时间", "开始时间", "due from"),
        "due_to": ("计划完成", "计划完成时间", "截止时间", "到期日", "整改期限", "due to", "due"),
        "done_at": ("完成时间", "实际完成", "实际完成时间", "完成日期", "done at"),
        "interval_days": ("间隔天数", "周期天数", "interval days"),
        "result": ("结果", "完成情况", "result"),
    },
    "answers": {
        "response": ("答卷编号", "答卷", "问卷编号", "response"),
        "questionnaire_version": ("问卷版本", "版本", "questionnaire version"),
        "question": ("题号", "题目", "问题", "question"),
        "dimension": ("维度", "dimension"),
        "value": ("得分", "评分", "分值", "答案", "value", "mark"),
        "stratum": ("层", "分层", "stratum"),
        "weight": ("权重", "weight"),
        "sampled": ("是否抽样", "抽样", "sampled"),
        "mode": ("方式", "作答方式", "渠道", "mode"),
        "occurred_at": ("提交时间", "作答时间", "填写时间", "submitted at"),
    },
    "samples": {
        "stratum": ("层", "分层", "stratum"),
        "frame_size": ("总户数", "抽样框户数", "frame size"),
        "sample_size": ("样本量", "样本数", "sample size"),
        "disposition": ("访问结果", "处置码", "disposition"),
        "response": ("答卷编号", "response"),
        "occurred_at": ("抽样时间", "访问时间", "date"),
    },
    "assets": {
        "asset": ("设备编号", "设备编码", "资产编号", "asset"),
        "asset_type": ("设备类型", "设备类别", "资产类型", "asset type"),
        "in_service": ("是否在用", "在用", "in service"),
        "last_test_at": ("上次检测", "检测日期", "最近检测时间", "last test"),
        "valid_until": ("有效期至", "有效期", "下次检验日期", "valid until"),
        "state": ("状态", "设备状态", "state"),
        "occurred_at": ("统计日期", "期末", "date"),
    },
    "exposure": {
        "asset_type": ("设备类型", "asset type"),
        "households": ("户数", "住户数", "households"),
        "area": ("面积", "管理面积", "建筑面积", "area"),
        "assets_in_service": ("在用设备数", "设备数量", "assets in service"),
        "occurred_at": ("统计日期", "月份", "期末", "date"),
    },
    "measurements": {
        "indicator": ("指标", "指标代码", "indicator"),
        "numerator": ("分子", "numerator"),
        "denominator": ("分母", "denominator"),
        "value": ("值", "数值", "value"),
        "occurred_at": ("统计日期", "月份", "期末", "date"),
    },
}  # fmt: skip


@lru_cache(maxsize=4096)
def plain(heading: str) -> str:
    """A heading without width, case, brackets, marks and spaces."""
    flat = unicodedata.normalize("NFKC", heading).casefold()
    return re.sub(r"[\s_\-*:()/\[\].#]+", "", flat)


def words_of(table: str, target: str) -> tuple[str, ...]:
    """What files call a target: its own name first."""
    own = BY_TABLE.get(table, {}).get(target, ())
    return (target, *own, *(COMMON.get(target, ()) if not own or target not in {"occurred_at"} else ()))


def likeness(table: str, target: str, heading: str) -> float:
    """How well a heading fits a target, 0 to 1."""
    flat = plain(heading)
    best = 0.0
    for place, word in enumerate(words_of(table, target)):
        known = plain(word)
        if known == flat:
            return 1.0 - place * 0.001
        if len(known) > 1 and known in flat:
            best = max(best, 0.8 * len(known) / len(flat) + 0.1)
        elif len(flat) > 3:
            best = max(best, difflib.SequenceMatcher(None, known, flat).ratio() * 0.8)
    return best if best >= 0.6 else 0.0


def targets_of(table: str) -> list[str]:
    """What a person can fill by a column: the targets of the table, key and places first."""
    own = [c.name for c in FACTS[table].columns if c.name not in tables.OWN]
    if table in tables.OCCURRED:
        own.remove("occurred_at")
    return ["key", "project", "building", *own]


def columns(table: str, headings: Iterable[str]) -> dict[str, str]:
    """The best heading for each target; no heading is used twice."""
    pairs = sorted(
        (
            (likeness(table, target, heading), -rank, target, heading)
            for rank, target in enumerate(targets_of(table))
            for heading in headings
        ),
        reverse=True,
    )
    found: dict[str, str] = {}
    for score, _rank, target, heading in pairs:
        if score and target not in found and heading not in found.values():
            found[target] = heading
    return found


def table(headings: Iterable[str]) -> str:
    """The table whose columns the headings name best."""
    headings = list(headings)

    def fit(name: str) -> float:
        found = columns(name, headings)
        required = {c.name for c in FACTS[name].columns if c.required} - tables.OWN
        there = sum(likeness(name, target, heading) for target, heading in found.items())
        return there + sum(target in found for target in required) / max(len(required), 1)

    return max(BY_TABLE, key=fit)


def needed(table: str) -> set[str]:
    """Targets without which nothing goes in, and which no constant stands for."""
    required = {c.name for c in FACTS[table].columns if c.required} - tables.OWN - set(constants(table))
    if table in tables.OCCURRED:
        required = (required - {"occurred_at"}) | {tables.OCCURRED[table]}
    return {"key", "project"} | required


def source_name(file_name: str, table: str) -> str:
    """A name for the system a file comes from: the file's name without its digits, or the table's."""
    stem = re.sub(r"\.(csv|txt|tsv|xlsx?|parquet|gz)\b", "", file_name.lower())
    short = re.sub(r"[^a-z]+", "_", unicodedata.normalize("NFKC", stem)).strip("_")
    return short[:40] or table


CONSTANTS: dict[str, dict[str, Any]] = {
    "inspection_items": {"checklist_version": {"constant": "1"}},
    "answers": {"questionnaire_version": {"constant": "1"}, "sampled": {"constant": False}},
    "tasks": {"kind": {"constant": "maintenance"}},
    "feedback": {"kind": {"constant": "complaint"}},
}


def constants(name: str) -> dict[str, Any]:
    """What a table needs and files seldom say."""
    return CONSTANTS.get(name, {})
