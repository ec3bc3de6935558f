"""Kinds of work that the tests order, here and in worker processes of their own."""

from __future__ import annotations

import sys

from django.db import transaction
from django_tasks_db.models import DBTaskResult

from bihuan.base.jobs import loops, workers
from bihuan.base.jobs.tasks import background


@background("test.count", title="Counting")
def count(*, progress, upto):
    progress(step=1, steps=2, unit="sheep")
    for number in range(upto):
        progress(number + 1, upto)
    return {"counted": upto}


@background("test.plain", title="Plain")
def plain(*, text):
    return text


@background("test.fail", title="Failing")
def fail(*, spoken):
    raise ValueError("Row 3 has no date. Fill in the date.") if spoken else KeyError("x")


@background("test.wait", title="Waiting")
def wait(*, progress):
    """Say that it began, then wait until the test says go on (or kills the process)."""
    print("began", flush=True)
    sys.stdin.readline()
    progress(1, 1, step=1)
    return "waited"


@background("test.once", title="Only once", rerun=False)
def once(*, progress):
    return wait(progress=progress)


@background("test.write", title="Writing")
def write(*, progress):
    """Hold the database while reporting progress."""
    with transaction.atomic():
        progress(step=1, steps=1)
        progress(1, 1)
    return "written"


def work_off() -> None:
    """Do everything that waits, one after the other, as the worker does inside its loop."""
    with workers.Presence() as me:
        worker = loops.StoppableWorker(me)
        while (task := DBTaskResult.objects.ready().first()) is not None:
            task.claim(me.id)
            worker.run_task(task)
