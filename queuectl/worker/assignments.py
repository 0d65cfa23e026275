"""What a worker is told of a job."""

from __future__ import annotations

from queuectl.core.job import Job
from queuectl.core.settings import Settings
from queuectl.worker.messages import Assignment


def assignment(
    job: Job, line: int, settings: Settings, location: str, store_id: str, begin_before: float
) -> Assignment:
    """`line` is one of the pool's file; `location` the store's absolute path; `begin_before` as in Assignment."""
    own = {
        "QUEUECTL_JOB_ID": job.id,
        "QUEUECTL_ATTEMPT": str(job.attempts + 1),
        "QUEUECTL_MAX_RETRIES": str(job.max_retries),
        "QUEUECTL_QUEUE": job.queue,
        "QUEUECTL_DB_PATH": location,
        "QUEUECTL_DB": location,
        "QUEUECTL_CLAIM": f"{store_id}:{job.number}:{job.fence}",
    }
    return Assignment(
        number=job.number,
        fence=job.fence,
        line=line,
        command=job.command,
        cwd=job.cwd,
        env={**(job.env or {}), **own},
        timeout_s=job.timeout_s,
        kill_grace_s=settings.kill_grace_s,
        log_limit_bytes=settings.log_limit_bytes,
        shell=settings.shell,
        begin_before=begin_before,
    )
