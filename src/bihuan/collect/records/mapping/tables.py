"""What every table brings along: when its facts happened, what may not run backwards, its words."""

from __future__ import annotations

# Filled by the importer itself, never by a column of the file.
OWN = {"fact_id", "cycle", "period", "project", "building", "source", "late", "complete"}

OCCURRED = {"work_orders": "reported_at", "feedback": "received_at", "tasks": "due_to"}

ORDER: dict[str, tuple[tuple[str, str], ...]] = {
    "work_orders": (
        ("reported_at", "responded_at"),
        ("reported_at", "arrived_at"),
        ("reported_at", "resolved_at"),
        ("reported_at", "closed_at"),
        ("arrived_at", "resolved_at"),
        ("resolved_at", "revisited_at"),
    ),
    "feedback": (
        ("received_at", "first_response_at"),
        ("received_at", "answered_at"),
        ("received_at", "closed_at"),
        ("closed_at", "revisited_at"),
    ),
    "tasks": (("due_from", "due_to"),),
    "assets": (("last_test_at", "valid_until"),),
}

# (target, start, end): filled when the mapping does not fill them and both ends are there.
MINUTES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "work_orders": (
        ("minutes_to_respond", "reported_at", "responded_at"),
        ("minutes_to_arrive", "reported_at", "arrived_at"),
        ("minutes_to_resolve", "reported_at", "resolved_at"),
    ),
}

# (target, start, limit): the instant at which a limit runs out.
DUE: dict[str, tuple[tuple[str, str, str], ...]] = {
    "work_orders": (
        ("due_respond_at", "reported_at", "limit_respond"),
        ("due_arrive_at", "reported_at", "limit_arrive"),
        ("due_at", "reported_at", "limit_resolve"),
    ),
    "feedback": (
        ("due_first_response_at", "received_at", "limit_first_response"),
        ("due_close_at", "received_at", "limit_close"),
    ),
}

COMPLETE = {
    "work_orders": ("service_area", "category", "channel"),
    "feedback": ("category", "channel"),
    "inspection_items": ("level", "inspector"),
    "tasks": ("due_to",),
    "answers": ("mode",),
}

# The words a column takes; each with the words files write for it. Compared without case.
WORDS: dict[str, dict[str, dict[str, tuple[str, ...]]]] = {
    "work_orders": {
        "priority": {
            "emergency": ("紧急", "特急", "应急", "急修", "urgent", "急"),
            "normal": ("普通", "一般", "非紧急", "常规", "routine", "non-emergency", "普通报修"),
        },
    },
    "inspection_items": {
        "result": {
            "conforming": ("符合", "合格", "通过", "pass", "ok", "达标"),
            "non_conforming": ("不符合", "不合格", "未通过", "fail", "不达标"),
            "not_applicable": ("不适用", "n/a", "na"),
            "not_checked": ("未检", "未检查"),
        },
        "level": {
            "self": ("自查", "自检", "班组自查"),
            "supervisor": ("主管", "主管检查", "督导"),
            "manager": ("项目经理", "经理", "品质检查", "品质部"),
            "third_party": ("第三方", "神秘客", "third party"),
        },
        "severity": {
            "A": ("红线", "a类"),
            "B": ("严重", "b类"),
            "C": ("一般", "c类"),
            "D": ("轻微", "d类"),
        },
    },
    "tasks": {
        "kind": {
            "maintenance": ("维保", "保养", "维护", "维护保养"),
            "cleaning": ("保洁", "清洁"),
            "patrol": ("巡查", "巡逻", "巡更", "巡检"),
            "rectification": ("整改",),
            "training": ("培训",),
        },
    },
    "feedback": {
        "kind": {
            "inquiry": ("咨询", "询问"),
            "complaint": ("投诉",),
            "suggestion": ("建议",),
            "praise": ("表扬", "感谢"),
        },
    },
    "answers": {
        "mode": {
            "web": ("网络", "线上", "微信", "online"),
            "phone": ("电话", "telephone"),
            "paper": ("纸质", "纸卷", "mail"),
            "face": ("面访", "入户", "face to face"),
        },
        "role": {
            "overall": ("总体",),
            "nps": ("推荐",),
            "item": ("单项",),
            "expectation": ("期望",),
            "renewal": ("续聘",),
            "value": ("质价",),
        },
    },
    "samples": {
        "disposition": {code: (code.lower(),) for code in ("I", "P", "R", "NC", "O", "UH", "UO", "NE")},
    },
    "assets": {
        "state": {
            "in_service": ("在用", "使用中"),
            "out_of_service": ("停用",),
            "scrapped": ("报废",),
        },
    },
}

YES = ("是", "有", "y", "yes", "true", "1", "√", "✓", "对")
NO = ("否", "无", "n", "no", "false", "0", "×", "不")


def words_for(table: str, column: str) -> dict[str, str]:
    """Every spelling of the words of a column, in lower case, with the word itself."""
    known = WORDS.get(table, {}).get(column, {})
    return {spelling.lower(): word for word, others in known.items() for spelling in (word, *others)}
