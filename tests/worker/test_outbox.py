"""Results on their way into the store."""

import pytest

from queuectl.core.settings import Settings
from queuectl.worker import verdict
from queuectl.worker.messages import Report
from queuectl.worker.outbox import Outbox
from queuectl.worker.verdict import BEFORE_STOP_S, Heard
from tests.core.examples import a_running_job


@pytest.fixture
def outbox():
    return Outbox()


def test_settlements_are_given_out_in_order_until_they_are_stored(outbox):
    first, second = _a_settlement(1), _a_settlement(2)
    outbox.put(first)
    outbox.put(second)
    assert outbox.batch() == outbox.batch() == (first, second)
    outbox.stored()
    assert outbox.empty


def test_what_comes_while_a_batch_is_under_way_goes_with_the_next(outbox):
    outbox.put(_a_settlement(1))
    outbox.batch()
    late = _a_settlement(2)
    outbox.put(late)
    outbox.stored()
    assert outbox.batch() == (late,)


def test_a_batch_is_bounded_and_loses_nothing(outbox):
    given = [_a_settlement(number) for number in range(200)]
    for each in given:
        outbox.put(each)
    stored = []
    while outbox.waiting:
        batch = outbox.batch()
        assert 0 < len(batch) < 200
        stored += batch
        outbox.stored()
    assert stored == given


def test_a_held_report_is_released_once_no_stop_can_have_caused_it(outbox):
    heard = _heard(1, at=100.0)
    outbox.hold(heard)
    assert outbox.next_release() == 100 + BEFORE_STOP_S
    assert outbox.release(100 + BEFORE_STOP_S - 0.01) == []
    assert outbox.release(100 + BEFORE_STOP_S) == [heard]
    assert outbox.next_release() is None


def test_an_outbox_with_a_held_report_is_not_empty_and_has_nothing_to_send(outbox):
    outbox.hold(_heard(1, at=100.0))
    assert not outbox.empty
    assert not outbox.waiting


def test_it_knows_the_claims_whose_end_waits_here(outbox):
    outbox.put(_a_settlement(1))
    outbox.hold(_heard(2, at=100.0))
    assert outbox.claims == {(1, 1), (2, 1)}


def test_giving_up_drops_what_was_given_out_as_well(outbox):
    outbox.put(_a_settlement(1))
    outbox.hold(_heard(2, at=100.0))
    outbox.batch()
    outbox.clear()
    outbox.stored()
    assert outbox.empty
    assert outbox.batch() == ()


def _a_settlement(number):
    return verdict.not_begun(a_running_job(number=number), Settings())


def _heard(number, at):
    return Heard(a_running_job(number=number), Report(number, 1, None), at)
