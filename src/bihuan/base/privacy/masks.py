"""Phone numbers and names as most people may see them."""

from __future__ import annotations

import unicodedata

from bihuan.base.privacy import normalise

# Compound surnames that are still borne; of the rest the first character is the surname.
_SURNAMES = """
欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 司空 夏侯 长孙 宇文 轩辕 南宫 端木 百里 呼延
东郭 西门 申屠 太史 公冶 澹台 濮阳 淳于 单于 钟离 闻人 闾丘 鲜于 万俟 赫连 独孤 拓跋 第五 左丘 乐正
歐陽 司馬 諸葛 東方 尉遲 公孫 長孫 軒轅 南宮 東郭 西門
"""
COMPOUND = frozenset(_SURNAMES.split())
LATIN_KEPT_PARTS = 3


def mask_phone(text: str | None) -> str:
    """The phone number with its middle hidden.

    >>> mask_phone("13812345678"), mask_phone("021-6234 5678"), mask_phone("+44 7911 123456")
    ('138****5678', '021****5678', '+44****3456')
    """
    if not text:
        return ""
    try:
        number = normalise.phone(text)
    except ValueError:
        return "****"
    if not number.startswith("+86"):
        code = normalise.phonenumbers.parse(number).country_code
        return f"+{code}****{number[-4:]}"
    national = number[3:]
    if len(national) == 11 and national.startswith("1"):
        return f"{national[:3]}****{national[-4:]}"
    area = 2 if national.startswith(("10", "2")) else 3
    head = national[:3] if national.startswith(("400", "800")) else f"0{national[:area]}"
    return f"{head}****{national[-4:]}"


def mask_name(text: str | None) -> str:
    """The name with what does not serve to address somebody hidden.

    >>> mask_name("王伟"), mask_name("王小明"), mask_name("欧阳小明"), mask_name("John Smith")
    ('王*', '王*明', '欧阳*明', 'J. S***')
    """
    written = unicodedata.normalize("NFKC", " ".join((text or "").split())).replace("•", "·")
    if not written:
        return ""
    if not normalise.is_han(written):
        return _latin(written)
    if "·" in written:
        return "·".join(f"{part[:1]}**" for part in written.split("·") if part)
    return _han(written.replace(" ", ""))


def _han(name: str) -> str:
    if len(name) == 1:
        return "*"
    kept = 2 if name[:2] in COMPOUND and len(name) > 2 else 1
    given = name[kept:]
    if len(given) == 1:
        return f"{name[:kept]}*"
    return f"{name[:kept]}{'*' * (len(given) - 1)}{given[-1]}"


def _latin(name: str) -> str:
    parts = name.split()[:LATIN_KEPT_PARTS]
    *first, last = (part[0].upper() for part in parts)
    return " ".join([*(f"{letter}." for letter in first), f"{last}***"])
