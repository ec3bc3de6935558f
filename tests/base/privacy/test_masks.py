import pytest

from bihuan.base.privacy import normalise
from bihuan.base.privacy.masks import mask_name, mask_phone


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812345678", "138****5678"),
        ("+86 138 1234 5678", "138****5678"),
        ("021-62345678", "021****5678"),
        ("0755-8234 5678", "0755****5678"),
        ("4008123123", "400****3123"),
        ("+44 7911 123456", "+44****3456"),
        ("12", "****"),
        ("call me", "****"),
        ("", ""),
        (None, ""),
    ],
)
def test_phones(phone, masked):
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王", "*"),
        ("王伟", "王*"),
        ("王小明", "王*明"),
        ("王 小 明", "王*明"),
        ("欧阳", "欧*"),
        ("欧阳明", "欧阳*"),
        ("欧阳小明", "欧阳*明"),
        ("买买提·吐尔逊", "买**·吐**"),
        ("John", "J***"),
        ("John Smith", "J. S***"),
        ("john ronald smith", "J. R. S***"),
        ("", ""),
        (None, ""),
    ],
)
def test_names(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("13812345678", "+8613812345678"),
        ("138-1234-5678", "+8613812345678"),
        ("0086 13812345678", "+8613812345678"),
        ("１３８１２３４５６７８", "+8613812345678"),
        ("(021) 6234 5678", "+862162345678"),
        ("+44 7911 123456", "+447911123456"),
    ],
)
def test_one_form_for_phones(text, number):
    assert normalise.phone(text) == number
    assert normalise.phone(number) == number


@pytest.mark.parametrize("text", ["", "12", "1381234567", "abc", "1381234567890123"])
def test_what_is_no_phone_is_refused(text):
    with pytest.raises(ValueError):
        normalise.phone(text)


@pytest.mark.parametrize(
    ("a", "b"),
    [("王 伟", "王伟"), ("ＪＯＨＮ smith", "John  Smith"), ("买买提•吐尔逊", "买买提 · 吐尔逊")],
)
def test_one_form_for_names(a, b):
    assert normalise.name(a) == normalise.name(b)


def test_different_names_stay_different():
    assert normalise.name("John Smith") != normalise.name("JohnSmith")
