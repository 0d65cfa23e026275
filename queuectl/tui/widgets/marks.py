"""Which jobs of a list are marked: by their ids, seen or not any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from queuectl.core.job import Job


class Marks:
    """Marked jobs, as they were last seen; `all_matching` stands for more than was ever seen.

    A mark stays when its job leaves the list; only who is told so takes it away.
    """

    def __init__(self, *, all_matching: bool = False) -> None:
        self._jobs: dict[str, Job] = {}
        self._before: dict[str, Job] = {}
        self.all_matching = all_matching
        self.range_from: str | None = None

    def __contains__(self, id: str) -> bool:
        return self.all_matching or id in self._jobs

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(self._jobs)

    @property
    def jobs(self) -> tuple[Job, ...]:
        return tuple(self._jobs.values())

    def toggle(self, job: Job) -> None:
        """Mark a job or take its mark away; with all matching marked, mark this one only."""
        if job.id in self and not self.all_matching:
            del self._jobs[job.id]
        else:
            self.add([job])

    def add(self, jobs: Iterable[Job]) -> None:
        self.all_matching = False
        self._jobs |= {job.id: job for job in jobs}

    def remove(self, ids: Iterable[str]) -> None:
        for id in ids:
            self._jobs.pop(id, None)
            self._before.pop(id, None)

    def begin_range(self, job: Job) -> None:
        self.range_from, self._before = job.id, dict(self._jobs)
        self.add([job])

    def end_range(self) -> None:
        """What is marked stays marked."""
        self.range_from = None

    def set_range(self, jobs: Sequence[Job]) -> None:
        """The range reaches over these now, and over no others."""
        self._jobs = self._before | {job.id: job for job in jobs}

    def seen(self, jobs: Iterable[Job]) -> None:
        """Keep marked jobs as they are now."""
        self._jobs |= {job.id: job for job in jobs if job.id in self._jobs}
