"""Settings: parsed, refused with a sentence, and every one of them documented."""

from pathlib import Path

import pytest

from bihuan.config import options

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("text", ["1", "true", "Yes", "on"])
def test_flag_reads_yes(text):
    assert options.flag(text) is True


def test_words_splits_and_trims():
    assert options.words(" a, b ,,c") == ["a", "b", "c"]


def test_value_that_does_not_fit_ends_with_a_sentence(monkeypatch):
    monkeypatch.setenv("BIHUAN_TIME_ZONE", "Mars/Olympus")
    with pytest.raises(
        SystemExit, match="BIHUAN_TIME_ZONE='Mars/Olympus': write a zone such as Asia/Shanghai"
    ):
        options.load()


def test_environment_comes_before_the_file_and_the_file_before_the_default(monkeypatch, tmp_path):
    (tmp_path / "bihuan.toml").write_text('workers = 5\nbind = "0.0.0.0:9000"\nhosts = ["a.example"]\n')
    monkeypatch.setenv("BIHUAN_HOME", str(tmp_path))
    monkeypatch.setenv("BIHUAN_WORKERS", "7")
    values = options.load()
    assert (values["BIHUAN_WORKERS"], values["BIHUAN_BIND"]) == (7, "0.0.0.0:9000")
    assert values["BIHUAN_HOSTS"] == ["a.example"]
    assert values["BIHUAN_TIME_ZONE"] == "Asia/Shanghai"


@pytest.mark.parametrize("page", ["docs/settings.md", "docs/settings.zh.md"])
def test_every_setting_stands_in_the_documents(page):
    text = (ROOT / page).read_text()
    assert [o.name for o in options.OPTIONS if f"`{o.name}`" not in text] == []
