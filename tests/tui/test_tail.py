"""The end of an output, wherever it is kept and however much of it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from queuectl.core.job import Job
from queuectl.store import place_of
from queuectl.tui.output.tail import tail
from queuectl.wiring import connect
from queuectl.worker.outputfile import OutputWriter, missing_mark
from tests.tui.scene import MINUTE, NOW, Scene, result

TEXT = b"".join(b"line %d\n" % n for n in range(1, 2001))


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    scene = Scene(str(tmp_path / "queue.db"))
    yield scene
    scene.close()


def end_of(scene: Scene, most: int = 20) -> bytes:
    with closing(connect(scene.location, viewer=True)) as queue:
        job = queue.jobs.get("j1")
        return tail(queue.jobs, job, queue.jobs.attempts(job), most)


def in_file(scene: Scene, job: Job, limit: int) -> OutputWriter:
    writer = OutputWriter(place_of(scene.location), job.number, job.fence, limit)
    writer.write(TEXT)
    writer.close()
    return writer


def test_a_job_that_never_ran_has_printed_nothing(scene: Scene) -> None:
    scene.add("true", NOW)
    assert end_of(scene) == b""


@pytest.mark.parametrize("limit", [10 * 2**20, 4096])
def test_of_a_running_command_it_is_what_came_last(scene: Scene, limit: int) -> None:
    scene.add("./slow.sh", NOW)
    in_file(scene, scene.run(NOW, None), limit)
    assert end_of(scene) == TEXT[-20:]


@pytest.mark.parametrize("limit", [10 * 2**20, 4096])
def test_of_a_file_it_is_its_end(scene: Scene, limit: int) -> None:
    scene.add("./long.sh", NOW - MINUTE)
    writer = OutputWriter(place_of(scene.location), 1, 1, limit)
    writer.write(TEXT)
    writer.close()
    ended = result(NOW - MINUTE, 1_000)._replace(output_file=writer.name, output_bytes=len(TEXT))
    scene.run(NOW - MINUTE, ended)
    assert end_of(scene) == TEXT[-20:]


def test_of_what_was_cut_and_fits_into_the_store_it_is_the_end_that_was_kept(scene: Scene) -> None:
    scene.add("./loud.sh", NOW - MINUTE)
    kept = TEXT[:2048] + missing_mark(10**6) + TEXT[-2048:]
    scene.run(NOW - MINUTE, result(NOW - MINUTE, 1_000)._replace(output=kept, output_bytes=10**6 + 4096))
    assert end_of(scene) == TEXT[-20:]
    assert end_of(scene, 10_000) == kept
