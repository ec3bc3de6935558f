"""Background work: ``@background`` makes a function one, ``.enqueue(owner=..., **arguments)`` orders it.

::

    @background("records.import", title=_("Import of records"))
    def import_file(*, batch_id, progress):
        progress(step=1, steps=3, unit=_("rows"))
        for n, row in enumerate(rows):
            progress(n, len(rows))
        return {"accepted": n}

    job = import_file.enqueue(owner=request.user, batch_id=7)

A room puts such functions into its ``tasks.py``, which is loaded at start. One task of django-tasks carries
all of them; the row ``Job`` shows how far the work has come and keeps it from being lost or done twice.
"""

from __future__ import annotations

from django_tasks import TaskContext, task

from bihuan.base.jobs.registry import Background, background

__all__ = ["Background", "background", "run_job"]


@task(takes_context=True)
def run_job(context: TaskContext, job_id: str) -> None:
    """Run the job with this id, unless another worker has it or it has ended."""
    from bihuan.base.jobs import engine  # this module is imported before the models are loaded

    workers = context.task_result.worker_ids
    engine.run(job_id, worker=workers[-1] if workers else "")
