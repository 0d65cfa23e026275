"""Messages between two processes of a pool."""

import contextlib
import fcntl
import os
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queuectl.worker.channel import Channel, pair
from queuectl.worker.messages import Hired, StopAsked
from tests.worker.hired import await_readable


@pytest.fixture
def ends():
    ours, theirs = (Channel(end, takes_descriptors=True) for end in pair())
    yield ours, theirs
    ours.close()
    theirs.close()


@settings(deadline=None, max_examples=50)
@given(st.lists(st.binary(max_size=1000)))
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
    ours.send("whole")
    everything = _taken_from(theirs)
    ours._socket.send(everything[:7])
    assert list(theirs.receive()) == []
    ours._socket.send(everything[7:])
    assert list(theirs.receive()) == ["whole"]


def test_what_does_not_fit_at_once_is_sent_later_and_comes_whole(ends):
    ours, theirs = ends
    message = os.urandom(3_000_000)
    ours.send(message)
    assert ours.unsent
    received = []
    while not received:
        received = list(theirs.receive())
        ours.flush()
    assert received == [message]
    assert not ours.unsent


def test_a_peer_that_is_gone_is_told_after_its_last_message(ends):
    ours, theirs = ends
    ours.send("last")
    ours.close()
    assert list(theirs.receive()) == ["last"]
    with pytest.raises(EOFError):
        list(theirs.receive())


def test_sending_to_a_peer_that_is_gone_is_no_error(ends):
    ours, theirs = ends
    theirs.close()
    ours.send("nobody hears this")
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
        received += _so_far(theirs)
    assert os.waitpid(child, 0)[1] == 0
    assert received == [b"x" * 3_000_000, StopAsked(True)]
    os.close(theirs.take_descriptor())


def _send_much_and_a_descriptor(channel):
    code = 1
    try:
        channel.send(b"x" * 3_000_000)
        channel.send_with_descriptor(StopAsked(True), 0)
        code = 0
    finally:
        os._exit(code)


def _so_far(channel):
    messages = []
    with contextlib.suppress(EOFError):
        messages.extend(channel.receive())
    return messages


def _taken_from(channel):
    return channel._socket.recv(1 << 16, socket.MSG_DONTWAIT)
