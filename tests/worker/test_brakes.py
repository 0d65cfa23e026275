"""Why a pool does not claim for a while, and when it tries again."""

import pytest

from queuectl.worker.brakes import Brakes


@pytest.fixture
def said():
    return []


@pytest.fixture
def brakes(said):
    return Brakes(said.append)


def test_nothing_holds_a_pool_back_at_first(brakes):
    assert (brakes.claim_from, brakes.store_from, brakes.next_try(0.0)) == (0, 0, None)


def test_pauses_double_from_one_second_to_thirty(brakes):
    now, pauses = 100.0, []
    for _ in range(7):
        brakes.host_lacks("no process", now)
        pauses.append(brakes.claim_from - now)
        now = brakes.claim_from
    assert pauses == [1, 2, 4, 8, 16, 30, 30]


def test_several_workers_in_the_same_trouble_make_one_pause(brakes, said):
    for _ in range(8):
        brakes.host_lacks("no process", 100.0)
    assert brakes.claim_from == 101
    assert said == ["no process; trying again in 1 s"]


def test_once_the_host_provides_again_it_is_said_and_the_next_pause_is_short(brakes, said):
    brakes.host_lacks("no process", 100.0)
    brakes.host_lacks("no process", 101.0)
    brakes.host_provides()
    brakes.host_lacks("no process", 200.0)
    assert brakes.claim_from == 201
    assert said[-2:] == ["", "no process; trying again in 1 s"]


def test_a_store_that_refuses_is_tried_again_soon(brakes, said):
    brakes.store_refused("the store is full", 100.0)
    assert 100 < brakes.store_from <= 101
    assert said == ["the store is full; results wait until it can be written"]
    brakes.store_accepted()
    assert said[-1] == ""


def test_the_hosts_pause_keeps_no_result_from_the_store(brakes):
    brakes.host_lacks("no process", 100.0)
    assert brakes.store_from == 0


def test_the_next_try_is_the_sooner_of_those_to_come(brakes):
    brakes.host_lacks("no process", 100.0)
    brakes.store_refused("busy", 100.0)
    assert brakes.next_try(100.0) == brakes.store_from
    assert brakes.next_try(100.9) == brakes.claim_from
    assert brakes.next_try(101.0) is None


def test_a_reason_is_said_once_and_what_still_holds_is_said_again_without_what_passed(brakes, said):
    brakes.store_refused("busy", 100.0)
    brakes.store_refused("busy", 100.2)
    brakes.host_lacks("no process", 100.4)
    brakes.store_accepted()
    assert said[1:] == [
        "no process; trying again in 1 s; busy; results wait until it can be written",
        "no process; trying again in 1 s",
    ]


def test_while_all_works_nothing_is_said(brakes, said):
    brakes.host_provides()
    brakes.store_accepted()
    assert said == []
