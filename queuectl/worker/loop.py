"""Waiting for several descriptors at once."""

from __future__ import annotations

import select
from collections.abc import Callable

from queuectl.worker.channel import Channel
from queuectl.worker.messages import Message

Callback = Callable[[], None]


class Loop:
    """Calls what belongs to a descriptor that became readable, and sends what a channel could not send at once."""

    def __init__(self) -> None:
        self._poll = select.poll()
        self._callbacks: dict[int, Callback] = {}
        self._channels: dict[int, Channel] = {}

    def watch(self, descriptor: int, callback: Callback) -> None:
        self._callbacks[descriptor] = callback
        self._poll.register(descriptor, select.POLLIN)

    def forget(self, descriptor: int) -> None:
        if self._callbacks.pop(descriptor, None) is not None:
            self._channels.pop(descriptor, None)
            self._poll.unregister(descriptor)

    def send(self, channel: Channel, message: Message) -> None:
        """Send over a watched channel, now or when there is room."""
        channel.put(message)
        self.flush(channel)

    def flush(self, channel: Channel) -> None:
        """Send what is queued in a watched channel, now or when there is room."""
        channel.flush()
        if channel.unsent and channel.fileno() in self._callbacks:
            self._channels[channel.fileno()] = channel
            self._poll.modify(channel.fileno(), select.POLLIN | select.POLLOUT)

    def turn(self, patience_s: float | None) -> None:
        """Wait for the next events, `patience_s` seconds at most, and call what belongs to them."""
        for descriptor, event in self._poll.poll(None if patience_s is None else patience_s * 1000):
            if event & select.POLLOUT and descriptor in self._channels:
                self._flush_rest(descriptor)
            if event & ~select.POLLOUT and descriptor in self._callbacks:
                self._callbacks[descriptor]()

    def _flush_rest(self, descriptor: int) -> None:
        channel = self._channels[descriptor]
        channel.flush()
        if not channel.unsent:
            del self._channels[descriptor]
            self._poll.modify(descriptor, select.POLLIN)
