from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as live
from django.db import connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from bihuan.base.jobs import engine, loops, workers
from bihuan.base.jobs.models import Job
from bihuan.base.jobs.progress import LeaseLost, Progress
from bihuan.base.jobs.states import JobState
from tests.base.jobs import work
from tests.base.jobs.work import work_off

ROOT = Path(__file__).parents[3]


@pytest.mark.django_db
class TestOneJob:
    def test_from_order_to_result(self):
        job = work.count.enqueue(upto=3)
        assert (job.state, job.name) == (JobState.QUEUED, "Counting")
        work_off()
        job.refresh_from_db()
        assert (job.state, job.result, job.error, job.attempts) == (JobState.DONE, {"counted": 3}, "", 1)
        assert (job.step, job.steps, job.done, job.total, job.unit) == (1, 2, 3, 3, "sheep")
        assert job.started_at <= job.finished_at
        assert DBTaskResult.objects.get(pk=job.task).status == "SUCCESSFUL"

    def test_without_progress_and_at_once(self):
        job = work.plain.run_now(text="你好", title="问候")
        assert (job.state, job.result, job.name) == (JobState.DONE, "你好", "问候")
        assert work.plain(text="a") == "a"

    @pytest.mark.parametrize(
        ("spoken", "part"), [(True, "Row 3 has no date. Fill in the date."), (False, "KeyError")]
    )
    def test_a_failure_is_a_sentence(self, spoken, part):
        job = work.fail.enqueue(spoken=spoken)
        work_off()
        job.refresh_from_db()
        assert job.state == JobState.FAILED
        assert part in job.error
        assert DBTaskResult.objects.get(pk=job.task).status == "FAILED"

    def test_what_is_rolled_back_was_never_ordered(self):
        with transaction.atomic():
            work.count.enqueue(upto=1)
            transaction.set_rollback(True)
        assert (Job.objects.count(), DBTaskResult.objects.count()) == (0, 0)

    def test_a_kind_that_is_gone_fails(self):
        job = work.count.enqueue(upto=1)
        Job.objects.filter(pk=job.pk).update(kind="test.gone")
        work_off()
        job.refresh_from_db()
        assert job.state == JobState.FAILED

    def test_a_job_is_taken_once(self):
        job = work.count.enqueue(upto=1)
        with workers.Presence() as me:
            engine.run(job.pk, worker=me.id)
            engine.run(job.pk, worker=me.id)
        job.refresh_from_db()
        assert job.attempts == 1

    def test_progress_of_a_job_given_away_stops_the_work(self):
        job = work.count.enqueue(upto=1)
        progress = Progress(job.pk, job.pk)
        with pytest.raises(LeaseLost):
            progress(step=1)

    def test_asking_to_stop(self):
        job = work.count.enqueue(upto=1)
        Job.objects.filter(pk=job.pk).update(stop_asked=True)
        work_off()
        job.refresh_from_db()
        assert job.state == JobState.CANCELLED

    def test_shutting_down_gives_the_work_back(self):
        job = work.count.enqueue(upto=1)
        stop = threading.Event()
        stop.set()
        with workers.Presence(stop) as me:
            engine.run(job.pk, worker=me.id)
        job.refresh_from_db()
        assert (job.state, job.attempts, job.worker) == (JobState.QUEUED, 0, "")
        work_off()
        job.refresh_from_db()
        assert job.state == JobState.DONE

    def test_progress_writes_seldom(self, django_assert_max_num_queries):
        job = work.count.enqueue(upto=1)
        with django_assert_max_num_queries(40):
            work.count.run_now(upto=5000)
        assert job.state == JobState.QUEUED


@pytest.mark.django_db
class TestDeadWorkers:
    """Workers elsewhere are judged by their heartbeat, workers here by their lock."""

    def running(self, **fields):
        job = work.count.enqueue(upto=1)
        DBTaskResult.objects.filter(pk=job.task).update(status="RUNNING", worker_ids=["elsewhere"])
        fields = {"state": JobState.RUNNING, "worker": "elsewhere", "attempts": 1, **fields}
        Job.objects.filter(pk=job.pk).update(lease=job.pk, **fields)
        return job

    def state(self, job):
        job.refresh_from_db()
        return job.state

    def test_a_late_heartbeat_is_a_dead_worker(self):
        now = timezone.now()
        job = self.running(heartbeat_at=now - engine.LEASE - timedelta(seconds=1))
        assert engine.recover(now) == [job]
        assert self.state(job) == JobState.QUEUED
        work_off()
        assert self.state(job) == JobState.DONE

    def test_a_fresh_heartbeat_is_not(self):
        now = timezone.now()
        job = self.running(heartbeat_at=now - engine.LEASE)
        assert engine.recover(now) == []
        assert self.state(job) == JobState.RUNNING

    def test_a_living_worker_here_that_does_something_else_lost_the_job(self):
        now = timezone.now()
        with workers.Presence() as me:
            job = self.running(heartbeat_at=now, worker=me.id)
            me.busy.add(job.pk)
            engine.heartbeat(me.id, now + timedelta(seconds=1))
            job.refresh_from_db()
            assert job.heartbeat_at == now + timedelta(seconds=1)
            assert engine.recover(now) == []
            me.busy.clear()
            assert engine.recover(now) == [job]

    def test_the_third_death_is_the_last(self):
        job = self.running(attempts=engine.MOST_ATTEMPTS)
        engine.recover()
        assert self.state(job) == JobState.FAILED
        assert "3" in job.error

    def test_a_stop_asked_of_a_dead_worker_is_kept(self):
        job = self.running(stop_asked=True)
        engine.recover()
        assert self.state(job) == JobState.CANCELLED

    def test_a_task_taken_by_a_worker_that_died_before_the_job_began(self):
        job = work.count.enqueue(upto=1)
        long_ago = timezone.now() - timedelta(hours=1)
        DBTaskResult.objects.filter(pk=job.task).update(
            status="RUNNING", worker_ids=["elsewhere"], started_at=long_ago
        )
        engine.recover()
        work_off()
        assert self.state(job) == JobState.DONE


@pytest.mark.django_db(transaction=True)
class TestProcesses:
    def start_worker(self) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.base.jobs.worker_process", str(connection.settings_dict["NAME"])],
            cwd=ROOT,
            env={**os.environ, "BIHUAN_HOME": str(live.BIHUAN_HOME)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @pytest.mark.parametrize(("kind", "state"), [("wait", JobState.QUEUED), ("once", JobState.FAILED)])
    def test_kill_9_loses_nothing(self, kind, state):
        job = getattr(work, kind).enqueue()
        process = self.start_worker()
        try:
            assert process.stdout.readline() == "began\n"
            job.refresh_from_db()
            assert job.state == JobState.RUNNING
            assert workers.is_alive(job.worker)
            assert engine.recover() == []
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert workers.is_alive(job.worker) is False
            assert engine.recover() == [job]
            job.refresh_from_db()
            assert job.state == state
            assert bool(job.error) == (state == JobState.FAILED)
            assert workers.is_alive(job.worker) is None
        finally:
            process.kill()
            process.communicate()
        if state == JobState.QUEUED:
            again = self.start_worker()
            try:
                assert again.stdout.readline() == "began\n"
                again.stdin.write("go\n")
                again.stdin.flush()
                last = work.plain.enqueue(text="x")  # done after it, by the same worker
                until_ended(last)
            finally:
                again.kill()
                again.communicate()
            job.refresh_from_db()
            assert (job.state, job.result, job.attempts) == (JobState.DONE, "waited", 2)

    def test_two_workers_share_the_jobs(self):
        jobs = [work.write.enqueue() for _ in range(12)]

        def one():
            try:
                with workers.Presence() as me:
                    loops.StoppableWorker(me).run()
            finally:
                connection.close()

        threads = [threading.Thread(target=one) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rows = Job.objects.filter(pk__in=[job.pk for job in jobs])
        assert {(row.state, row.attempts) for row in rows} == {(JobState.DONE, 1)}

    def test_the_loop_ends_when_told(self):
        job = work.count.enqueue(upto=2)
        stop = threading.Event()
        thread = threading.Thread(target=loops.run_worker, args=(stop, 0.01))
        thread.start()
        until_ended(job)
        stop.set()
        thread.join(timeout=20)
        assert not thread.is_alive()


def until_ended(job: Job) -> None:
    """Read the job until it has ended; the test's own time limit is the number of readings."""
    ticker = threading.Event()
    for _ in range(1200):
        job.refresh_from_db()
        if job.ended:
            return
        ticker.wait(0.05)
    raise AssertionError(f"the job stayed {job.state}")
