"""The engine that the settings name: read, refused in a sentence, and looked for by ``bihuan check``."""

from __future__ import annotations

import socket
import sys

import pytest
from django.core import checks

from bihuan.config import options
from bihuan.config.checks import engine_answers
from bihuan.measure.engine import Engine, EngineError, check_engine, open_engine


@pytest.mark.parametrize(
    "text", ["duckdb", "spark://host:7077", "spark://a:7077,b:7077", "spark://[::1]:7077"]
)
def test_engines_that_there_are(text: str) -> None:
    assert options.engine(text) == text


@pytest.mark.parametrize(
    "text", ["", "spark", "local[2]", "spark://", "spark://host", "spark://host:7077/x", "yarn", "host:7077"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(
        ValueError, match="write duckdb, or the master of a Spark cluster such as spark://host:7077"
    ):
        options.engine(text)


@pytest.mark.parametrize("text", ["4", "4 GB", "0g", "-1g", "g"])
def test_memory_is_written_as_java_does(text: str) -> None:
    assert options.memory("900m") == "900m"
    with pytest.raises(ValueError, match="write an amount such as 4g or 900m"):
        options.memory(text)


def test_further_settings_are_pairs() -> None:
    assert options.pairs("a.b=1, c=x=y") == {"a.b": "1", "c": "x=y"}
    with pytest.raises(ValueError, match="write name=value"):
        options.pairs("a.b")


def test_the_embedded_engine_needs_no_look() -> None:
    check_engine("duckdb")
    assert engine_answers() == []
    assert isinstance(open_engine("duckdb"), Engine)


@pytest.fixture
def silent_master() -> str:
    """The address of a master that is not there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"spark://127.0.0.1:{probe.getsockname()[1]}"


@pytest.mark.spark
def test_a_master_that_does_not_answer_is_named(spark_here: None, silent_master: str, settings) -> None:
    with pytest.raises(EngineError, match=f"The Spark master {silent_master} does not answer"):
        open_engine(silent_master)
    settings.BIHUAN_ENGINE = silent_master
    (found,) = [m for m in checks.run_checks() if m.id == "config.W001"]
    assert found.msg == "BIHUAN_ENGINE：Spark 主节点没有应答。"
    assert found.hint == "启动它，或把 BIHUAN_ENGINE 改成它的地址。"


@pytest.mark.spark
def test_a_machine_without_java_is_told(spark_here: None, silent_master: str, settings, monkeypatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(EngineError, match="there is no Java on this machine"):
        check_engine(silent_master)
    settings.BIHUAN_ENGINE = silent_master
    assert [m.msg for m in engine_answers()] == ["BIHUAN_ENGINE 指定了 Spark 集群，但本机没有 Java。"]


def test_a_machine_without_pyspark_is_told(silent_master: str, settings, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(EngineError, match="pyspark is not installed; install it with: pip install"):
        check_engine(silent_master)
    settings.BIHUAN_ENGINE = silent_master
    assert [m.msg for m in engine_answers()] == ["BIHUAN_ENGINE 指定了 Spark 集群，但没有安装 pyspark。"]


@pytest.mark.spark
def test_a_master_that_answers_is_nothing_to_tell(spark_here: None, settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.BIHUAN_ENGINE = f"spark://127.0.0.1:{server.getsockname()[1]}"
        assert engine_answers() == []
