from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from bihuan.base.jobs import loops, schedule
from bihuan.base.jobs.models import Job, ScheduleEntry
from bihuan.base.jobs.schedule import scheduled, tick
from tests.base.jobs.work import work_off

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)  # 12:00 in Shanghai
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    """Only the schedules of this module."""
    monkeypatch.setattr(schedule, "SCHEDULES", {})
    ran = []

    @scheduled("night", daily="02:30", title="Night")
    def night():
        ran.append("night")
        if len(ran) == 2:
            raise ValueError("The disk is full.")

    @scheduled("often", every=HOUR)
    def often(progress):
        progress(1, 1)
        ran.append("often")

    return ran


def due() -> dict[str, datetime]:
    return dict(ScheduleEntry.objects.values_list("name", "next_due"))


class TestRules:
    @pytest.mark.parametrize(
        ("now", "next_time"),
        [
            (datetime(2026, 11, 22, 18, 29, tzinfo=UTC), datetime(2026, 11, 22, 18, 30, tzinfo=UTC)),
            (datetime(2026, 11, 22, 18, 30, tzinfo=UTC), datetime(2026, 11, 23, 18, 30, tzinfo=UTC)),
            (NOON, datetime(2026, 11, 23, 18, 30, tzinfo=UTC)),
        ],
    )
    def test_daily_is_by_the_company_zone(self, now, next_time):
        assert schedule.SCHEDULES["night"].next_after(now) == next_time

    def test_daily_where_clocks_change(self, settings):
        settings.TIME_ZONE = "Europe/Berlin"
        before = datetime(2026, 10, 24, 0, 31, tzinfo=UTC)  # 02:31 summer time
        times = [before]
        for _ in range(3):
            times.append(schedule.SCHEDULES["night"].next_after(times[-1]))
        assert [t.astimezone(UTC).strftime("%d %H:%M") for t in times[1:]] == [
            "25 00:30",
            "26 01:30",
            "27 01:30",
        ]

    @pytest.mark.parametrize("rule", [{}, {"daily": "02:30", "every": HOUR}])
    def test_one_rule_each(self, rule):
        with pytest.raises(ValueError):
            scheduled("wrong", **rule)


@pytest.mark.django_db
class TestTick:
    def test_first_and_next_times(self, declared):
        assert [job.kind for job in tick(NOON)] == ["schedule.often"]
        assert due() == {"night": datetime(2026, 11, 23, 18, 30, tzinfo=UTC), "often": NOON + HOUR}
        work_off()
        assert declared == ["often"]
        assert tick(NOON + timedelta(minutes=59)) == []

    def test_what_was_missed_runs_once(self, declared):
        tick(NOON)
        work_off()
        late = NOON + 5 * DAY
        assert sorted(job.kind for job in tick(late)) == ["schedule.night", "schedule.often"]
        assert tick(late) == []
        assert due() == {"night": datetime(2026, 11, 28, 18, 30, tzinfo=UTC), "often": late + HOUR}

    def test_work_under_way_is_not_ordered_again(self, declared):
        tick(NOON)
        assert tick(NOON + HOUR) == []
        assert due()["often"] == NOON + 2 * HOUR
        assert Job.objects.count() == 1

    def test_how_it_went_is_kept(self, declared):
        tick(NOON)
        work_off()
        for day in (1, 2):
            tick(NOON + day * DAY)
            work_off()
        entry = ScheduleEntry.objects.get(name="night")
        assert declared.count("night") == 2
        assert entry.last_started == NOON + 2 * DAY
        assert entry.last_finished is not None
        failed = ScheduleEntry.objects.exclude(last_error="").values_list("name", "last_error")
        assert list(failed) in ([], [("night", "The disk is full.")])

    def test_a_changed_rule_and_a_schedule_that_is_gone(self, declared):
        tick(NOON)
        before = schedule.SCHEDULES.pop("often")
        night = schedule.SCHEDULES["night"]
        schedule.SCHEDULES["night"] = schedule.Schedule("night", night.work, daily="13:00")
        tick(NOON)
        assert due() == {"night": NOON + HOUR}
        assert before.rule == "every 3600 s"


@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_several_processes_order_once(self):
        found = []

        def one():
            try:
                found.extend(tick(NOON))
            finally:
                connection.close()

        threads = [threading.Thread(target=one) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [job.kind for job in found] == ["schedule.often"]
        assert Job.objects.count() == 1

    def test_the_loop_ends_when_told(self):
        stop = threading.Event()
        stop.set()
        loops.run_scheduler(stop)
        assert Job.objects.count() == 0
