from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation
from django_tasks_db.models import DBTaskResult

from bihuan.base.jobs import actions, nightly, queries, schedule, shown
from bihuan.base.jobs.models import Job
from bihuan.base.jobs.states import JobState
from bihuan.base.people.models import RoleGrant, User
from bihuan.base.trail import seal
from bihuan.base.trail.act import Refused
from bihuan.base.trail.models import Entry, Head
from tests.base.jobs import work
from tests.base.jobs.work import work_off

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)


def person(role: str, number: str) -> User:
    user = User.objects.create(employee_number=number)
    RoleGrant.objects.create(user=user, role=role)
    return user


@pytest.fixture
def owner() -> User:
    return person("quality_manager", "Q001")


@pytest.fixture
def administrator() -> User:
    return person("administrator", "A001")


@pytest.fixture
def english(client):
    client.cookies["bihuan_language"] = "en"
    return client


class TestActions:
    def test_a_waiting_job_is_taken_out(self, owner):
        job = work.count.enqueue(owner=owner, upto=1)
        assert actions.cancel_job(job, actor=owner).state == JobState.CANCELLED
        work_off()
        job.refresh_from_db()
        assert (job.state, job.attempts) == (JobState.CANCELLED, 0)
        assert Entry.objects.get().verb == "job.cancelled"

    def test_a_running_job_is_asked(self, owner):
        job = work.count.enqueue(owner=owner, upto=1)
        Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
        again = actions.cancel_job(job, actor=owner)
        assert (again.state, again.stop_asked) == (JobState.RUNNING, True)

    def test_again(self, owner):
        job = work.fail.enqueue(owner=owner, spoken=True)
        work_off()
        again = actions.retry_job(job, actor=owner)
        assert (again.state, again.error, again.attempts) == (JobState.QUEUED, "", 0)
        work_off()
        again.refresh_from_db()
        assert (again.state, again.attempts) == (JobState.FAILED, 1)

    def test_what_others_may_not(self, owner):
        outsider = person("employee", "E001")
        job = work.count.enqueue(owner=owner, upto=1)
        with pytest.raises(Refused):
            actions.cancel_job(job, actor=outsider)
        with pytest.raises(Refused):
            actions.retry_job(job, actor=owner)
        work_off()
        with pytest.raises(Refused):
            actions.cancel_job(job, actor=owner)

    def test_old_jobs_go(self, owner):
        old, young = work.count.run_now(upto=1), work.count.run_now(upto=1)
        waiting = work.count.enqueue(upto=1)
        Job.objects.filter(pk=old.pk).update(finished_at=NOW - timedelta(days=91))
        Job.objects.filter(pk=young.pk).update(finished_at=NOW)
        assert actions.clear_old(now=NOW) == 1
        assert set(Job.objects.all()) == {young, waiting}
        assert DBTaskResult.objects.count() == 1


class TestNightly:
    def test_the_house_cleans_up_and_checks_itself(self, settings, tmp_path):
        settings.BIHUAN_HOME = tmp_path
        assert {"jobs-clear-old", "trail-verify", "files-clear-unused"} <= set(schedule.SCHEDULES)
        assert nightly.verify_trail.run_now().state == JobState.DONE
        Head.objects.create(chain="x", sequence=3, hash="y")
        seal.key(make=True)
        with pytest.raises(ValueError, match="3"):
            nightly.verify_trail.run_now()
        assert Job.objects.filter(state=JobState.FAILED).count() == 1


class TestWords:
    def running(self, **fields) -> Job:
        base = {"state": JobState.RUNNING, "kind": "test.count", "step_started_at": NOW}
        return Job(**{**base, **fields})

    @pytest.mark.parametrize(
        ("fields", "text"),
        [
            ({}, ""),
            ({"message": "Reading"}, "Reading"),
            ({"step": 2, "steps": 4}, "Step 2 of 4"),
            (
                {"step": 2, "steps": 4, "done": 1204, "total": 5000, "unit": "rows"},
                "Step 2 of 4: 1,204 of 5,000 rows",
            ),
            ({"done": 7, "unit": "rows"}, "7 rows"),
            ({"done": 7, "total": 9}, "7 of 9"),
        ],
    )
    def test_how_far(self, fields, text):
        with translation.override("en"):
            assert shown.counted(self.running(**fields)) == text

    @pytest.mark.parametrize(
        ("done", "after", "text"),
        [
            (10, 60, "about 9 min left"),
            (90, 60, "less than a minute left"),
            (10, 4, ""),
            (0, 60, ""),
        ],
    )
    def test_how_long(self, done, after, text):
        job = self.running(done=done, total=100)
        with translation.override("en"):
            assert shown.left(job, NOW + timedelta(seconds=after)) == text

    @pytest.mark.parametrize(
        ("rule", "en", "zh"),
        [
            ("daily 02:30", "every day at 02:30", "每天02:30"),
            ("every 3600 s", "every 1 h", "每1小时"),
        ],
    )
    def test_rules(self, rule, en, zh):
        with translation.override("en"):
            assert shown.rule_text(rule) == en
        with translation.override("zh-hans"):
            assert shown.rule_text(rule) == zh


class TestPages:
    def test_each_sees_their_own_and_administrators_all(self, english, owner, administrator):
        job = work.count.enqueue(owner=owner, upto=1, title="Mine alone")
        outsider = person("employee", "E001")
        for user, sees in ((owner, True), (administrator, True), (outsider, False)):
            english.force_login(user)
            text = english.get("/jobs/").content.decode()
            assert ("Mine alone" in text) == sees
            for address in ("", "progress/"):
                assert english.get(f"/jobs/{job.pk}/{address}").status_code == (200 if sees else 404)
        assert english.post(f"/jobs/{job.pk}/cancel/").status_code == 404
        assert queries.schedule_for(outsider).count() == 0

    def test_the_schedule_is_for_administrators(self, english, owner, administrator):
        schedule.tick(NOW)
        for user, sees in ((owner, False), (administrator, True)):
            english.force_login(user)
            assert ("Check the audit trail" in english.get("/jobs/").content.decode()) == sees

    def test_from_order_to_end(self, english, owner):
        english.force_login(owner)
        job = work.count.enqueue(owner=owner, upto=2)
        page = english.get(f"/jobs/{job.pk}/").content.decode()
        assert "Counting waits for its turn" in page
        assert f'hx-get="/jobs/{job.pk}/progress/"' in page
        assert "You can leave this page" in page
        part = english.get(f"/jobs/{job.pk}/progress/")
        assert "HX-Refresh" not in part
        work_off()
        part = english.get(f"/jobs/{job.pk}/progress/")
        assert part["HX-Refresh"] == "true"
        assert "hx-get" not in part.content.decode()
        page = english.get(f"/jobs/{job.pk}/").content.decode()
        assert "Counting is finished" in page
        assert "counted" in page

    def test_stop_and_again(self, english, owner):
        english.force_login(owner)
        job = work.count.enqueue(owner=owner, upto=2)
        english.post(f"/jobs/{job.pk}/cancel/")
        assert "was stopped" in english.get(f"/jobs/{job.pk}/").content.decode()
        english.post(f"/jobs/{job.pk}/retry/")
        work_off()
        english.post(f"/jobs/{job.pk}/retry/")
        job.refresh_from_db()
        assert job.state == JobState.DONE

    def test_a_failure_says_why(self, english, owner):
        english.force_login(owner)
        job = work.fail.enqueue(owner=owner, spoken=True)
        work_off()
        assert "Row 3 has no date. Fill in the date." in english.get(f"/jobs/{job.pk}/").content.decode()
        assert "1 job failed" in english.get("/jobs/").content.decode()
        english.cookies["bihuan_language"] = "zh-hans"
        assert "1个任务" in english.get("/jobs/").content.decode()

    @pytest.mark.parametrize("rows", [1, 3])
    def test_queries_do_not_grow_with_the_rows(self, english, owner, rows, django_assert_max_num_queries):
        english.force_login(owner)
        for _ in range(rows):
            work.count.enqueue(owner=owner, upto=1)
        with django_assert_max_num_queries(14):
            english.get("/jobs/")
