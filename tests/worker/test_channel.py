"""Messages between two processes of a pool."""

import fcntl
import os
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queuectl.core.attempt import Outcome, Result
from queuectl.worker.channel import Channel, pair
from queuectl.worker.messages import End, Ended, Gone, Hired, Recall, Report, StopAsked, Why
from tests.worker.hired import await_readable

WHOLE = Ended(0, "whole", "and in one piece")
MUCH = Report(1, 1, Result(Outcome.EXITED, 0, 0, 0, output=os.urandom(3_000_000)))


@pytest.fixture
def ends():
    ours, theirs = (Channel(end, takes_descriptors=True) for end in pair())
    yield ours, theirs
    ours.close()
    theirs.close()


def _messages():
    """Of every kind, with whatever a command and a host can make of their texts."""
    number, text = st.integers(0, 2**63 - 1), st.text(st.characters(codec=None), max_size=300)
    result = st.builds(Result, st.sampled_from(Outcome), number, number, number, error=st.none() | text)
    why = st.none() | st.sampled_from(Why)
    return st.one_of(
        st.builds(Gone, number, text, st.booleans()),
        st.just(Recall()),
        st.builds(Ended, number, text, text),
        st.builds(End, number, number, st.sampled_from(Why), st.floats(0, 1e9)),
        st.builds(Report, number, number, st.none() | result, text, why, st.none() | text),
    )


@settings(deadline=None, max_examples=50)
@given(st.lists(_messages()))
def test_messages_come_whole_and_in_order(messages):
    ours, theirs = (Channel(end) for end in pair())
    for message in messages:
        ours.send(message)
    assert list(theirs.receive()) == messages
    ours.close()
    theirs.close()


def test_without_messages_nothing_is_received_and_nobody_waits(ends):
    assert list(ends[1].receive()) == []


def test_a_message_that_came_in_part_waits_for_the_rest(ends):
    ours, theirs = ends
    ours.send(WHOLE)
    everything = _taken_from(theirs)
    ours._socket.send(everything[:7])
    assert list(theirs.receive()) == []
    ours._socket.send(everything[7:])
    assert list(theirs.receive()) == [WHOLE]


def test_what_does_not_fit_at_once_is_sent_later_and_comes_whole(ends):
    ours, theirs = ends
    ours.send(MUCH)
    assert ours.unsent
    received = []
    while not received:
        received = list(theirs.receive())
        ours.flush()
    assert received == [MUCH]
    assert not ours.unsent


def test_a_peer_that_is_gone_is_told_after_its_last_message(ends):
    ours, theirs = ends
    ours.send(WHOLE)
    ours.close()
    assert list(theirs.receive()) == [WHOLE]
    with pytest.raises(EOFError):
        list(theirs.receive())


def test_sending_to_a_peer_that_is_gone_is_no_error(ends):
    ours, theirs = ends
    theirs.close()
    ours.send(WHOLE)
    assert not ours.unsent
    with pytest.raises(EOFError):
        list(ours.receive())


def test_a_descriptor_comes_along_and_is_closed_by_an_exec(ends):
    ours, theirs = ends
    reading, writing = os.pipe()
    ours.send_with_descriptor(Hired(1, 2, 3), writing)
    assert list(theirs.receive()) == [Hired(1, 2, 3)]
    came = theirs.take_descriptor()
    assert fcntl.fcntl(came, fcntl.F_GETFD) & fcntl.FD_CLOEXEC
    os.write(came, b"x")
    assert os.read(reading, 1) == b"x"
    for descriptor in (reading, writing, came):
        os.close(descriptor)


def test_descriptors_come_in_order(ends):
    ours, theirs = ends
    pipes = [os.pipe() for _ in range(3)]
    for slot, (_, writing) in enumerate(pipes):
        ours.send_with_descriptor(Hired(slot, 2, 3), writing)
    messages = [message for _ in pipes for message in theirs.receive()]
    assert [message.slot for message in messages] == [0, 1, 2]
    for slot, (reading, writing) in enumerate(pipes):
        came = theirs.take_descriptor()
        os.write(came, b"%d" % slot)
        assert os.read(reading, 1) == b"%d" % slot
        for descriptor in (reading, writing, came):
            os.close(descriptor)


def test_a_descriptor_is_sent_behind_what_could_not_be_sent_before(ends):
    ours, theirs = ends
    child = os.fork()
    if child == 0:
        _send_much_and_a_descriptor(ours)
    ours.close()
    received = []
    while len(received) < 2:
        await_readable(theirs)
        came = _so_far(theirs)
        assert came is not None, received
        received += came
    assert os.waitpid(child, 0)[1] == 0
    assert received == [MUCH, StopAsked(True)]
    os.close(theirs.take_descriptor())


def _send_much_and_a_descriptor(channel):
    code = 1
    try:
        channel.send(MUCH)
        channel.send_with_descriptor(StopAsked(True), 0)
        code = 0
    finally:
        os._exit(code)


def _so_far(channel):
    """None if nothing came, and nothing will."""
    messages = []
    try:
        messages.extend(channel.receive())
    except EOFError:
        return messages or None
    return messages


def _taken_from(channel):
    return channel._socket.recv(1 << 16, socket.MSG_DONTWAIT)
