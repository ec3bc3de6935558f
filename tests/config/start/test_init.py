"""``bihuan init``: asked nothing it was given, the good rows in and the bad ones in a file, and on again."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from contextlib import redirect_stderr
from pathlib import Path

import pypdf
import pytest
from click.testing import CliRunner

from bihuan.base.people.models import Department, User
from bihuan.base.places.models import Household, Place
from bihuan.base.trail.models import Entry
from bihuan.cli import _explain
from bihuan.config.commands import bihuan
from bihuan.config.models import Installation
from tests.base.places.sheets import lines
from tests.config.start import given

COMPANY = [
    "--company-zh", "和泰物业", "--company-en", "Hetai", "--code", "HT", "--admin-number", "E1",
    "--admin-name", "何平",
]  # fmt: skip


def run(*arguments: str | Path) -> tuple[int, str]:
    """Status and words of ``bihuan init``, as the command line would give them."""
    result = CliRunner().invoke(bihuan, ["init", *map(str, arguments)], standalone_mode=False)
    if result.exception is None:
        return result.return_value or 0, result.output
    out = io.StringIO()
    with redirect_stderr(out):
        code = _explain(result.exception)
    return code, result.output + out.getvalue()


@pytest.fixture
def files(tmp_path) -> dict[str, Path]:
    made = {}
    for name, content in (
        ("tree", given.tree()), ("departments", given.structure()), ("people", given.people()),
        ("households", given.households()),
    ):  # fmt: skip
        made[name] = tmp_path / f"{name}.xlsx"
        made[name].write_bytes(content)
    return made


def options(files: dict[str, Path]) -> list[str | Path]:
    return [part for name, path in files.items() for part in (f"--{name}", path)]


@pytest.mark.django_db(transaction=True)
class TestInit:
    def test_everything_at_once(self, files, tmp_path):
        status, text = run(*COMPANY, *options(files), "--passwords", tmp_path / "slips.pdf", "--json")
        told = json.loads(text)
        assert status == 0
        assert told["company"] == {"code": "HT", "name": "和泰物业", "new": True}
        assert [(f["kind"], f["created"], f["rejected"]) for f in told["files"]] == [
            ("tree", 3, 0), ("departments", 3, 0), ("people", 3, 0), ("households", 2, 0),
        ]  # fmt: skip
        assert [item["name"] for item in told["missing"]] == ["departments", "cycle", "records", "evaluated"]
        admin = User.objects.get(employee_number="E1")
        assert admin.check_password(told["administrator"]["password"])
        assert admin.must_change_password
        assert Household.objects.count() == 2
        slips = Path(told["passwords"]["file"])
        assert told["passwords"]["people"] == 3
        assert slips.stat().st_mode & 0o777 == 0o600
        text = "".join(page.extract_text() for page in pypdf.PdfReader(slips).pages)
        assert "一次性密码 One-time password" in text
        assert "E1 " not in text  # the administrator's own was told

    def test_again_changes_nothing_and_tells_no_password(self, files, tmp_path):
        run(*COMPANY, *options(files), "--passwords", tmp_path / "slips.pdf")
        before = User.objects.get(employee_number="E1").password
        status, text = run("--code", "HT", *options(files), "--passwords", tmp_path / "slips.pdf", "--json")
        told = json.loads(text)
        assert status == 0
        assert [(f["created"], f["changed"], f["rejected"]) for f in told["files"]] == [(0, 0, 0)] * 4
        assert told["administrator"] == {"employee_number": "E1", "password": None}
        assert told["passwords"] == {"file": None, "people": 0}
        assert User.objects.get(employee_number="E1").password == before

    def test_bad_rows_are_kept_beside_their_file(self, files, tmp_path):
        bad = {"employee_number": "E9", "name": "吴芳", "department": "D9"}
        files["people"].write_bytes(given.people(bad))
        status, text = run(*COMPANY, *options(files))
        assert status == 1
        assert "3行收下了，1行要改" in text
        assert "第5行，部门编码" in text
        kept = tmp_path / "people-to-mend.xlsx"
        assert str(kept) in text
        assert kept.stat().st_mode & 0o777 == 0o600
        assert lines(kept.read_bytes())[1][:2] == ["E9", "吴芳"]
        assert User.objects.count() == 4

        status, text = run("--code", "HT", "--people", kept)  # still not mended
        assert status == 1
        assert (tmp_path / "people-to-mend-2.xlsx").exists()
        files["people"].write_bytes(given.people({**bad, "department": "D1"}))
        assert run("--code", "HT", "--people", files["people"])[0] == 0
        assert User.objects.get(employee_number="E9").department.code == "D1"

    def test_a_file_that_is_no_sheet_stops_nothing_else(self, files):
        files["departments"].write_bytes(b"no sheet")
        status, text = run(*COMPANY, *options(files), "--json")
        told = json.loads(text)
        assert status == 1
        assert told["files"][1]["error"]
        assert not Department.objects.exists()
        assert Household.objects.count() == 2

    @pytest.mark.parametrize("kind", ["real", "simulated"])
    def test_a_home_in_use_is_refused(self, kind):
        Installation.objects.create(kind=kind)
        Place.objects.plant(code="ZZ", kind="company", name_zh="别的公司")
        status, text = run(*COMPANY)
        assert status == 1
        assert "BIHUAN_HOME" in text
        assert not User.objects.exists()
        assert Place.objects.count() == 1

    def test_what_is_lacking_is_named_where_nobody_can_be_asked(self):
        status, text = run("--company-zh", "和泰物业", "--json")
        assert status == 2
        assert "--code, --admin-number, --admin-name" in text
        assert Installation.current() is None

    def test_a_lost_password_is_made_anew(self):
        run(*COMPANY)
        before = User.objects.get().password
        _status, text = run("--code", "HT", "--new-password", "--json")
        assert User.objects.get().password != before
        assert User.objects.get().check_password(json.loads(text)["administrator"]["password"])

    def test_a_paper_is_never_written_over(self, files, tmp_path):
        paper = tmp_path / "slips.pdf"
        paper.write_bytes(b"not printed yet")
        run(*COMPANY, *options(files), "--passwords", paper)
        assert paper.read_bytes() == b"not printed yet"
        assert (tmp_path / "slips-2.pdf").exists()

    def test_the_trail_holds_no_name_and_no_password(self, files, tmp_path):
        _status, text = run(*COMPANY, *options(files), "--json")
        trail = str(list(Entry.objects.values_list("subject_label", "detail")))
        assert "何平" not in trail
        assert json.loads(text)["administrator"]["password"] not in trail


def test_templates_need_no_home(tmp_path):
    status, text = run("--templates", tmp_path / "new")
    assert status == 0
    assert [Path(line).name for line in text.splitlines()] == [
        "1-tree.xlsx", "2-departments.xlsx", "3-people.xlsx", "4-households.xlsx",
    ]  # fmt: skip
    assert lines((tmp_path / "new" / "3-people.xlsx").read_bytes())[0][0] == "工号*"
    assert run("--templates", tmp_path / "new")[0] == 1  # filled in perhaps: not written over


def test_killed_half_way_it_goes_on(tmp_path):
    """A real process in a home of its own, killed while it takes in the people, then started again."""
    people = tmp_path / "people.xlsx"
    people.write_bytes(given.people(*({"employee_number": f"X{i}", "name": "某人"} for i in range(600))))
    departments = tmp_path / "departments.xlsx"
    departments.write_bytes(given.structure())
    tree = tmp_path / "tree.xlsx"
    tree.write_bytes(given.tree())
    environment = {
        **os.environ, "BIHUAN_HOME": str(tmp_path / "home"), "BIHUAN_DATABASE": "", "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    command = [
        sys.executable, "-m", "bihuan.cli", "init", *COMPANY, "--tree", str(tree), "--departments",
        str(departments), "--people", str(people),
    ]  # fmt: skip
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if "departments.xlsx" in line:  # its file is in; the people are next
                process.send_signal(signal.SIGKILL)
                break
    assert process.returncode == -signal.SIGKILL
    done = subprocess.run([*command, "--json"], env=environment, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    assert not told["company"]["new"]
    assert [(f["kind"], f["created"], f["unchanged"]) for f in told["files"]] == [
        ("tree", 0, 3), ("departments", 0, 3), ("people", 603, 0),
    ]  # fmt: skip
    assert told["administrator"]["password"]
