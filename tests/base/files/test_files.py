from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image

from bihuan.base.files import actions, images, store
from bihuan.base.files.kinds import NotTakenError
from bihuan.base.files.models import Attachment
from bihuan.base.people.models import RoleGrant, User
from bihuan.base.places.models import Place
from bihuan.base.trail.act import Refused
from bihuan.base.trail.models import Entry

pytestmark = pytest.mark.django_db
ORIENTATION, GPS = 0x0112, 0x8825


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.BIHUAN_HOME = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path


@pytest.fixture
def owner() -> User:
    return User.objects.create(employee_number="E001")


@pytest.fixture
def company() -> Place:
    return Place.objects.plant(code="CO", kind="company", name_zh="公司")


@pytest.fixture
def project(company) -> Place:
    return Place.objects.plant(parent=company, code="P1", kind="project", name_zh="项目一")


def photo(size=(80, 40), colour="red", kind="JPEG", **save) -> bytes:
    target = io.BytesIO()
    Image.new("RGBA" if kind == "PNG" else "RGB", size, colour).save(target, kind, **save)
    return target.getvalue()


def telling_photo() -> bytes:
    """A photo that says where it was taken and lies on its side."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[GPS] = {1: "N", 2: (31.0, 13.0, 50.0), 3: "E", 4: (121.0, 28.0, 25.0)}
    exif[0x010E] = "secret remark"
    return photo(exif=exif, comment=b"secret comment")


def office(folder: str, *more: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in ("[Content_Types].xml", f"{folder}/document.xml", *more):
            archive.writestr(name, "x")
    return target.getvalue()


def huge_png() -> bytes:
    """A PNG whose head promises a hundred thousand by a hundred thousand pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000))


def kept(attachment: Attachment) -> bytes:
    return store.path_of(attachment.sha256, store.ENDINGS[attachment.content_type]).read_bytes()


class TestPhotos:
    def test_nothing_but_the_pixels_is_kept(self, owner):
        attachment = actions.attach(telling_photo(), actor=owner, name="IMG_1.jpeg")
        content = kept(attachment)
        with Image.open(io.BytesIO(content)) as image:
            assert image.size == (40, 80)
            assert dict(image.getexif()) == {}
        assert b"secret" not in content
        assert (attachment.width, attachment.height, attachment.size) == (40, 80, len(content))
        assert (attachment.name, attachment.content_type) == ("IMG_1.jpeg", "image/jpeg")

    def test_clear_parts_stay_clear(self, owner):
        attachment = actions.attach(photo(colour=(255, 0, 0, 0), kind="PNG"), actor=owner, name="a.png")
        with Image.open(io.BytesIO(kept(attachment))) as image:
            assert image.getpixel((0, 0))[3] == 0
        with Image.open(store.thumbnail_of(attachment.sha256)) as small:
            assert small.getpixel((0, 0)) == (255, 255, 255)

    def test_webp_becomes_jpeg(self, owner):
        attachment = actions.attach(photo(kind="WEBP"), actor=owner, name="a.webp")
        assert (attachment.name, attachment.content_type) == ("a.jpg", "image/jpeg")

    def test_a_large_photo_is_made_smaller(self, owner):
        attachment = actions.attach(photo((4000, 1000)), actor=owner, name="a.jpg")
        assert (attachment.width, attachment.height) == (images.LONGEST_SIDE, 640)

    @pytest.mark.parametrize(
        ("content", "part"),
        [
            (huge_png(), "60"),
            (photo()[:200], "a.jpg"),
            (b"\x89PNG\r\n\x1a\n" + b"x" * 50, "a.jpg"),
            (b"\0\0\0\x18ftypheic" + b"x" * 50, "HEIC"),
        ],
    )
    def test_what_cannot_be_read_is_refused(self, owner, content, part):
        with pytest.raises(NotTakenError, match=part):
            actions.attach(content, actor=owner, name="a.jpg")
        assert not Attachment.objects.exists()


class TestDocuments:
    @pytest.mark.parametrize(
        ("content", "name", "kept_as"),
        [
            (b"%PDF-1.7 x", "合同.pdf", "合同.pdf"),
            (b"%PDF-1.7 x", "contract.exe", "contract.pdf"),
            (office("word"), "a.docx", "a.docx"),
            (office("xl"), "a", "a.xlsx"),
            (office("ppt"), "../../etc/a.pptx", "a.pptx"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 x", "old.xls", "old.xls"),
        ],
    )
    def test_kinds_by_content(self, owner, content, name, kept_as):
        attachment = actions.attach(content, actor=owner, name=name)
        assert attachment.name == kept_as
        assert kept(attachment) == content

    @pytest.mark.parametrize(
        ("content", "name"),
        [
            (b"", "empty.pdf"),
            (b"MZ\x90", "a.pdf"),
            (b"<svg onload='x'/>", "a.svg"),
            (b"<html>", "a.html"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 x", "setup.msi"),
            (b"PK\x03\x04 broken", "a.docx"),
            (office("other"), "a.docx"),
            (office("word", "word/vbaProject.bin"), "a.docx"),
        ],
    )
    def test_everything_else_is_refused(self, owner, content, name):
        with pytest.raises(NotTakenError, match=name):
            actions.attach(content, actor=owner, name=name)

    def test_too_large(self, owner, monkeypatch):
        monkeypatch.setattr("bihuan.base.files.kinds.MOST_DOCUMENT_BYTES", 2**20)
        with pytest.raises(NotTakenError, match="2 MB"):
            actions.attach(b"%PDF-" + b"x" * 2**20, actor=owner, name="a.pdf")

    def test_an_uploaded_file(self, owner):
        upload = SimpleUploadedFile("a\u202efdp.pdf", b"%PDF-1.7 x")
        assert actions.attach(upload, actor=owner).name == "a_fdp.pdf"


class TestKeeping:
    def test_the_same_content_lies_there_once(self, owner, home):
        first = actions.attach(b"%PDF-1.7 x", actor=owner, name="a.pdf")
        second = actions.attach(b"%PDF-1.7 x", actor=owner, name="b.pdf")
        assert first.sha256 == second.sha256
        assert len([p for p in (home / "files").rglob("*") if p.is_file()]) == 1

    def test_bytes_are_there_before_the_row_and_go_when_nobody_refers_to_them(self, owner, home):
        with transaction.atomic():
            lost = actions.attach(b"%PDF-1.7 lost", actor=owner, name="a.pdf")
            transaction.set_rollback(True)
        path = store.path_of(lost.sha256, "pdf")
        stays = actions.attach(photo(), actor=owner, name="b.jpg")
        assert path.exists()
        now = datetime.now(UTC)
        assert actions.clear_unused(now=now) == 0
        assert actions.clear_unused(now=now + timedelta(days=3)) == 1
        assert not path.exists()
        assert kept(stays)

    def test_adding_again_what_is_about_to_be_cleared(self, owner):
        first = actions.attach(b"%PDF-1.7 x", actor=owner, name="a.pdf")
        path = store.path_of(first.sha256, "pdf")
        os.utime(path, (0, 0))
        actions.attach(b"%PDF-1.7 x", actor=owner, name="a.pdf")
        assert list(store.unused_since(datetime.now(UTC) - timedelta(days=2))) == []

    def test_what_is_done_is_on_the_trail(self, owner, project):
        attachment = actions.attach(photo(), actor=owner, name="a.jpg", subject=project, place=project)
        actions.remove(attachment, actor=owner, reason="wrong photo")
        assert not Attachment.objects.exists()
        assert [(e.verb, e.place) for e in Entry.objects.order_by("sequence")] == [
            ("attachment.added", project.path),
            ("attachment.removed", project.path),
        ]

    def test_only_who_added_it_removes_or_ties_it(self, owner, project):
        attachment = actions.attach(photo(), actor=owner, name="a.jpg")
        other = User.objects.create(employee_number="E002")
        with pytest.raises(Refused):
            actions.remove(attachment, actor=other)
        with pytest.raises(Refused):
            actions.link(attachment, actor=other, subject=project)
        actions.link(attachment, actor=owner, subject=project, place=project)
        assert list(Attachment.objects.all().of(project)) == [attachment]
        with pytest.raises(Refused):
            actions.link(attachment, actor=owner, subject=owner)


class TestShowing:
    @pytest.fixture
    def attachment(self, owner, project):
        return actions.attach(photo(), actor=owner, name="现场.jpg", place=project)

    def grant(self, place: Place, number: str = "E009") -> User:
        user = User.objects.create(employee_number=number)
        RoleGrant.objects.create(user=user, role="inspector", place=place)
        return user

    def get(self, client, user: User | None, attachment: Attachment, small: bool = False, **headers):
        if user is not None:
            client.force_login(user)
        return client.get(f"/files/{attachment.pk}/{'small/' if small else ''}", headers=headers)

    def test_the_owner_and_people_of_the_place_see_it(self, client, owner, attachment, company):
        for user in (owner, self.grant(company)):
            response = self.get(client, user, attachment)
            assert response.status_code == 200
            assert b"".join(response.streaming_content) == kept(attachment)
            assert response["Content-Type"] == "image/jpeg"
            assert response["X-Content-Type-Options"] == "nosniff"
            assert response["Content-Disposition"].startswith("inline")
            assert "private" in response["Cache-Control"]

    def test_for_everybody_else_it_is_not_there(self, client, attachment, company):
        elsewhere = Place.objects.plant(parent=company, code="P2", kind="project", name_zh="项目二")
        outsider = self.grant(elsewhere)
        assert self.get(client, outsider, attachment).status_code == 404
        assert self.get(client, outsider, attachment, small=True).status_code == 404
        client.logout()
        assert self.get(client, None, attachment).status_code in {302, 404}

    def test_without_a_place_only_the_owner_sees_it(self, client, owner, company):
        attachment = actions.attach(photo(), actor=owner, name="a.jpg")
        assert self.get(client, self.grant(company), attachment).status_code == 404
        assert self.get(client, owner, attachment).status_code == 200

    def test_a_document_is_saved_not_shown(self, client, owner):
        attachment = actions.attach(b"%PDF-1.7 x", actor=owner, name="合同.pdf")
        response = self.get(client, owner, attachment)
        assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
        assert self.get(client, owner, attachment, small=True).status_code == 404

    def test_an_unchanged_file_is_not_sent_again(self, client, owner, attachment):
        first = self.get(client, owner, attachment, small=True)
        assert first.status_code == 200
        again = self.get(client, owner, attachment, small=True, if_none_match=first["ETag"])
        assert (again.status_code, again.content) == (304, b"")

    def test_bytes_that_are_gone(self, client, owner, attachment):
        store.path_of(attachment.sha256, "jpg").unlink()
        assert self.get(client, owner, attachment).status_code == 404
