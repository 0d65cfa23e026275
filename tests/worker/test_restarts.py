"""How soon a process of the pool that died is replaced."""

from queuectl.worker.restarts import Restarts


def test_the_first_four_deaths_cost_no_time():
    restarts = Restarts()
    assert [restarts.pause_s(now=100.0) for _ in range(4)] == [0, 0, 0, 0]


def test_from_the_fifth_on_pauses_grow_to_five_seconds():
    restarts, now, pauses = Restarts(), 100.0, []
    for _ in range(12):
        pauses.append(restarts.pause_s(now))
        now += pauses[-1] + 0.1
    assert pauses[4:] == [0.5, 1, 2, 4, 5, 5, 5, 5]


def test_a_finished_job_makes_the_next_death_the_first():
    restarts = Restarts()
    for _ in range(6):
        restarts.pause_s(now=100.0)
    restarts.progress()
    assert restarts.pause_s(now=100.0) == 0


def test_deaths_far_from_each_other_cost_no_time():
    restarts = Restarts()
    assert [restarts.pause_s(now=11.0 * count) for count in range(10)] == [0] * 10


def test_ten_thousand_deaths_overflow_nothing():
    restarts = Restarts()
    assert {restarts.pause_s(now=100.0) for _ in range(10_000)} == {0, 0.5, 1, 2, 4, 5}
