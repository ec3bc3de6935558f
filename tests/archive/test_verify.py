from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bihuan.archive.store import Archive, ArchiveError
from tests.archive.factories import orders, places


@pytest.fixture
def sound(archive) -> Archive:
    for k in "abc":
        with archive.batch(note=k) as batch:
            batch.put("work_orders", "crm", "2026Q3", orders(k))
            batch.put_dimension("places", places(k))
    assert archive.verify() == []
    return archive


def problems(archive: Archive, **kw) -> list[tuple[str, int]]:
    """Kinds and lines, read by an archive that remembers nothing."""
    return [(p.kind, p.line) for p in Archive(archive.url).verify(**kw)]


def file_of(archive: Archive, line: int) -> Path:
    return Path(archive.url) / archive.history()[line - 1].parts[0].files[0].path


def manifest_of(archive: Archive) -> Path:
    return Path(archive.url) / "manifest.jsonl"


def test_a_missing_file(sound):
    file_of(sound, 2).unlink()
    assert problems(sound) == [("missing", 2)]
    assert not sound.verify()[0].harmless


def test_a_changed_byte(sound):
    path = file_of(sound, 2)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert problems(sound) == [("changed", 2)]


def test_a_half_written_file(sound):
    path = file_of(sound, 3)
    path.write_bytes(path.read_bytes()[:100])
    assert problems(sound) == [("size", 3)]


def test_a_file_nobody_published(sound):
    extra = file_of(sound, 1).with_name("extra.parquet")
    extra.write_bytes(b"x")
    assert problems(sound) == [("stray", 0)]
    assert [Path(name).name for name in sound.sweep()] == ["extra.parquet"]
    assert problems(sound) == []


def forge(archive: Archive, line: int, change) -> None:
    """Alter one line and every hash after it, as somebody would who knows the format."""
    lines = [json.loads(text) for text in manifest_of(archive).read_text().splitlines()]
    change(lines[line - 1])
    prev, out = "0" * 64, []
    for record in lines:
        record["prev"] = prev
        text = json.dumps(record, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        prev = sha256(text.encode()).hexdigest()
        out.append(text)
    manifest_of(archive).write_text("".join(f"{text}\n" for text in out))


def test_row_counts_that_do_not_agree(sound):
    head = sound.head()
    forge(sound, 2, lambda record: record["parts"][0].update(rows=7))
    assert problems(sound) == [("altered", 3), ("rows", 2)]
    assert problems(sound, head=head) == [("altered", 3), ("altered", 3), ("rows", 2)]


def test_a_file_with_other_rows_than_its_line_says(sound):
    forge(
        sound,
        2,
        lambda record: (record["parts"][0].update(rows=7), record["parts"][0]["files"][0].update(rows=7)),
    )
    assert ("rows", 2) in problems(sound)


def test_a_file_of_another_schema(sound):
    path = file_of(sound, 2)
    table = pq.ParquetFile(path).read()
    pq.write_table(table.append_column("colour", pa.array(["red"] * table.num_rows)), path)
    size, digest = path.stat().st_size, sha256(path.read_bytes()).hexdigest()
    forge(sound, 2, lambda record: record["parts"][0]["files"][0].update(bytes=size, sha256=digest))
    assert problems(sound) == [("altered", 3), ("schema", 2)]


def test_an_altered_line(sound):
    text = manifest_of(sound).read_text()
    manifest_of(sound).write_text(text.replace('"note":"b"', '"note":"x"'))
    assert problems(sound) == [("chain", 2)]


def test_a_line_that_cannot_be_read_stops_everything(sound):
    lines = manifest_of(sound).read_text().splitlines()
    manifest_of(sound).write_text("\n".join([lines[0], "{}", lines[2], ""]))
    assert problems(sound) == [("unreadable", 2)]
    with pytest.raises(ArchiveError, match=r"Line 2 of manifest.jsonl cannot be read"):
        Archive(sound.url).snapshot()


def test_a_line_taken_out(sound):
    lines = manifest_of(sound).read_text().splitlines(keepends=True)
    manifest_of(sound).write_text(lines[0] + lines[2])
    assert [kind for kind, _ in problems(sound)] == ["chain", "cut", "stray", "stray"]


def test_a_cut_tail_is_seen_by_the_head(sound):
    lines = manifest_of(sound).read_text().splitlines(keepends=True)
    manifest_of(sound).write_text("".join(lines[:2]))
    assert [kind for kind, _ in problems(sound)] == ["cut", "stray", "stray"]


def test_a_head_kept_elsewhere_sees_a_manifest_and_head_put_back_together(sound):
    head = sound.head()
    assert problems(sound, head=head) == []
    lines = manifest_of(sound).read_text().splitlines(keepends=True)
    manifest_of(sound).write_text("".join(lines[:2]))
    earlier = Archive(sound.url).history()[1]
    (Path(sound.url) / "manifest.head").write_text(f"2 {earlier.sha256}\n")
    sound.sweep()
    assert problems(sound) == []
    assert problems(sound, head=head) == [("cut", 2)]


def test_a_line_survives_its_own_encoding(sound):
    for line in sound.history():
        text = line.encode()
        assert sha256(text[:-1]).hexdigest() == line.sha256
        assert replace(line, sha256="") == line
