"""The two loops that ``bihuan serve`` runs: one does jobs, one orders what is due. Both end when told to."""

from __future__ import annotations

import logging
import threading
import time

from django.db import DatabaseError, close_old_connections, connection
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, DEFAULT_TASK_QUEUE_NAME
from django_tasks_db.management.commands.db_worker import Worker

from bihuan.base.jobs import engine, schedule
from bihuan.base.jobs.workers import Presence

logger = logging.getLogger("bihuan.jobs")
HEARTBEAT_SECONDS = 15.0
RECOVER_SECONDS = 30.0


class StoppableWorker(Worker):
    """The worker of django-tasks-db, which runs until an event is set instead of until a signal."""

    def __init__(self, me: Presence) -> None:
        self.stop = me.stop
        super().__init__(
            queue_names=[DEFAULT_TASK_QUEUE_NAME],
            interval=0,
            batch=True,
            backend_name=DEFAULT_TASK_BACKEND_ALIAS,
            startup_delay=False,
            max_tasks=None,
            worker_id=me.id,
            excluded_queue_names=[],
        )

    @property
    def running(self) -> bool:
        """Read by the worker between two tasks."""
        return not self.stop.is_set()

    @running.setter
    def running(self, value: bool) -> None:
        pass  # the worker sets it once, when it is made


def run_worker(stop: threading.Event, interval: float = 1.0) -> None:
    """Do jobs one after the other until ``stop`` is set; look for new ones every ``interval`` seconds.

    A job under way when ``stop`` is set goes back into the queue at its next word of progress, if it may be
    run again; otherwise it is done to its end.
    """
    with Presence(stop) as me:
        ended = threading.Event()
        pulse = threading.Thread(target=_beat, args=(me.id, ended), daemon=True, name="jobs-heartbeat")
        pulse.start()
        worker = StoppableWorker(me)
        recovered = -RECOVER_SECONDS
        try:
            while not stop.is_set():
                if time.monotonic() - recovered >= RECOVER_SECONDS:
                    _recover()
                    recovered = time.monotonic()
                try:
                    worker.run()
                except DatabaseError:
                    logger.exception("the worker could not reach its queue; it tries again")
                    connection.close()
                stop.wait(interval)
        finally:
            ended.set()
            pulse.join()
            connection.close()


def run_scheduler(stop: threading.Event, interval: float = 20.0) -> None:
    """Order what is due, and rescue the jobs of dead workers, every ``interval`` seconds until ``stop``."""
    try:
        while not stop.is_set():
            close_old_connections()
            _recover()
            try:
                schedule.tick()
            except Exception:
                logger.exception("what is due could not be ordered; it is tried again")
            stop.wait(interval)
    finally:
        connection.close()


def _recover() -> None:
    try:
        for job in engine.recover():
            logger.warning("job %s (%s): its worker had died", job.pk, job.kind)
    except Exception:
        logger.exception("jobs of dead workers could not be looked for; it is tried again")


def _beat(worker: str, ended: threading.Event) -> None:
    try:
        while not ended.wait(HEARTBEAT_SECONDS):
            try:
                engine.heartbeat(worker)
            except DatabaseError:
                connection.close()  # held by a long write of the job itself, which is a sign of life
    finally:
        connection.close()
