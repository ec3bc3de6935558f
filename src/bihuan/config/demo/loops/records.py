"""A file that came in with bad rows, and the nightly look at the archive."""

from __future__ import annotations

import csv
import tempfile
from datetime import UTC
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from bihuan.archive.store import Archive
from bihuan.collect.records import actions as records
from bihuan.collect.records.mapping import MappingSpec
from bihuan.collect.records.models import ImportBatch
from bihuan.collect.records.tasks import import_file
from bihuan.collect.upkeep import actions as upkeep
from bihuan.collect.upkeep import nightly
from bihuan.collect.upkeep.models import Reminder
from bihuan.config.demo import planted
from bihuan.config.demo.calendar import NOW
from bihuan.config.demo.loops import stage

FILE = "翠湖花园前台补录工单_2026年10月.csv"
HEADINGS = ("工单编号", "项目", "类别", "紧急程度", "报修时间", "约定时间", "完成时间", "评分")
# The quarter after the last one evaluated, so that no result of the story rests on these rows.
ROWS = tuple(
    (
        f"QT-{n:03d}",
        "翠湖花园",
        ("水电", "门窗", "公区照明")[n % 3],
        "普通",
        f"2026-10-{1 + n // 5:02d} {9 + n % 8:02d}:15",
        f"2026-10-{3 + n // 5:02d} 18:00",
        f"2026-10-{2 + n // 5:02d} {10 + n % 7:02d}:40",
        str(5 - n % 3),
    )
    for n in range(1, 25)
)
BAD_ROWS = (
    ("QT-025", "翠湖花圆", "水电", "普通", "2026-10-06 09:10", "2026-10-08 18:00", "2026-10-06 11:00", "5"),
    ("QT-026", "翠湖花园", "门窗", "普通", "2026-10-06 10:20", "2026-10-08 18:00", "2026-10-07 09:30", "9"),
    ("QT-027", "翠湖花园", "水电", "普通", "2026-10-32 08:00", "2026-10-08 18:00", "2026-10-07 12:00", "4"),
)
MAPPING = {
    "name": "front-desk",
    "title": {"zh": "前台补录工单", "en": "Orders taken at the front desk"},
    "table": "work_orders",
    "source": "front-desk",
    "key": ["工单编号"],
    "columns": {
        "reported_at": "报修时间",
        "due_at": "约定时间",
        "resolved_at": "完成时间",
        "category": "类别",
        "priority": {"from": "紧急程度", "values": {"普通": "normal", "紧急": "emergency"}},
        "rating": {"from": "评分", "between": [1, 5]},
        "service_area": {"constant": "工程维修"},
        "channel": {"constant": "前台"},
    },
    "places": {"project": {"from": "项目"}},
    "complete": ["category"],
}


def is_imported() -> bool:
    """Whether the file has been taken to its end."""
    found = ImportBatch.objects.filter(file_name=FILE).order_by("-pk").first()
    return found is not None and found.ended


def bring_in() -> None:
    """The quality manager brings in a file typed at a front desk: three of its rows cannot be used."""
    manager = stage.person(stage.QUALITY)
    batch = ImportBatch.objects.filter(file_name=FILE).order_by("-pk").first()
    if batch is None:
        spec = MappingSpec.load(MAPPING, zone=settings.TIME_ZONE)
        mapping = records.keep_mapping(actor=manager, text=spec.as_yaml())
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / FILE
            with path.open("w", encoding="utf-8-sig", newline="") as target:
                csv.writer(target).writerows([HEADINGS, *ROWS, *BAD_ROWS])
            batch = records.receive_import(
                actor=manager, path=path, name=FILE, mapping=mapping, mapping_text=mapping.text
            )
    import_file.run_now(owner=manager, title=FILE, batch_id=batch.pk)


def is_looked_after() -> bool:
    """Whether the archive was counted, and the missing month noticed."""
    return Reminder.objects.filter(source=planted.SILENT_SOURCE).exists()


def look_after() -> None:
    """What the nightly look does, with the company's calendar standing at the end of its records.

    The records end in October 2026; judged by today's date every source would seem to have fallen silent.
    """
    archive, now = Archive(settings.ARCHIVE_URL), timezone.now()
    nightly.check_archive(archive, now)
    nightly.count_archive(archive)
    records_end = NOW.astype("datetime64[us]").item().replace(tzinfo=UTC)
    upkeep.remind(list(nightly.find_gaps(records_end)), actor=None, now=now)
