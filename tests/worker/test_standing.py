"""How a pool stands, as its dispatcher knows it."""

import time

import pytest

from queuectl.core.pool import PoolRecord
from queuectl.core.settings import Settings
from queuectl.worker.clock import wall_ms
from queuectl.worker.messages import Ended
from queuectl.worker.standing import Standing


@pytest.fixture
def standing():
    return Standing(PoolRecord("p1", "here", "boot", "ns", 1, 1, 0, 2))


def test_a_stop_is_noted_with_its_time_the_first_time_only(standing):
    assert standing.ask_stop(Ended(0))
    asked_at = standing.stop_asked_at
    assert asked_at <= time.monotonic()
    assert not standing.ask_stop(Ended(0))
    assert standing.stop_asked_at == asked_at


def test_of_several_stops_the_worst_counts(standing):
    for exit_code in (0, 130, 0):
        standing.ask_stop(Ended(exit_code))
    assert standing.stop.exit_code == 130


def test_a_pool_waits_for_its_store_unless_its_stop_is_forced(standing):
    standing.settings = Settings(kill_grace_s=5.0)
    standing.ask_stop(Ended(0))
    standing.stop_asked_at -= 1000
    assert not standing.out_of_patience
    standing.forced = True
    assert standing.out_of_patience


def test_a_forced_stop_gives_commands_their_grace_and_the_store_a_while(standing):
    standing.settings = Settings(kill_grace_s=5.0)
    standing.ask_stop(Ended(130))
    standing.forced = True
    standing.stop_asked_at = time.monotonic() - 5.0
    assert not standing.out_of_patience


def test_a_stop_by_force_is_another_one_with_a_time_of_its_own(standing):
    standing.ask_stop(Ended(0))
    standing.stop_asked_at -= 1000
    assert standing.force_stop()
    asked_at = standing.stop_asked_at
    assert asked_at > time.monotonic() - 10
    assert not standing.out_of_patience
    assert not standing.force_stop()
    assert standing.stop_asked_at == asked_at


def test_the_wall_clock_is_milliseconds():
    assert abs(wall_ms() - time.time() * 1000) < 1000
