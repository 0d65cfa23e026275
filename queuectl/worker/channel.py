"""Messages between two processes of a pool, over one end of a socket pair."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Iterator

from queuectl.worker.messages import Message, packed, unpacked

_LENGTH = struct.Struct("!I")
_CHUNK = 1 << 16
_MOST_FDS = 16


class Channel:
    """One end of a socket pair. Never blocks: what cannot be sent at once waits in `unsent`.

    `takes_descriptors` says whether some may come along with messages.
    """

    def __init__(self, end: socket.socket, takes_descriptors: bool = False) -> None:
        end.setblocking(False)
        self._socket, self._takes_descriptors = end, takes_descriptors
        self._received = bytearray()
        self._descriptors: list[int] = []
        self.unsent = bytearray()

    @classmethod
    def adopt(cls, descriptor: int) -> Channel:
        """A channel over a descriptor that came along with a message."""
        return cls(socket.socket(fileno=descriptor))

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, message: Message) -> None:
        """Queue a message and send what fits. A peer that is gone is noticed when receiving."""
        self.put(message)
        self.flush()

    def put(self, message: Message) -> None:
        """Queue a message behind all that is unsent."""
        payload = packed(message)
        self.unsent += _LENGTH.pack(len(payload)) + payload

    def flush(self) -> None:
        """Send what fits."""
        while self.unsent:
            try:
                sent = self._socket.send(self.unsent)
            except BlockingIOError:
                return
            except OSError:
                self.unsent.clear()
                return
            del self.unsent[:sent]

    def send_with_descriptor(self, message: Message, descriptor: int) -> None:
        """Send behind all that is unsent, together with a descriptor; blocks. Raises OSError if the peer is gone."""
        payload = packed(message)
        self._socket.setblocking(True)
        try:
            self.flush()
            socket.send_fds(self._socket, [_LENGTH.pack(len(payload)) + payload], [descriptor])
        finally:
            self._socket.setblocking(False)

    def receive(self) -> Iterator[Message]:
        """The messages that have come so far; raises EOFError, after them, when the peer is gone."""
        open_ = self._read_what_is_there()
        while len(self._received) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._received)
            end = _LENGTH.size + length
            if len(self._received) < end:
                break
            message = unpacked(bytes(self._received[_LENGTH.size : end]))
            del self._received[:end]
            yield message
        if not open_:
            raise EOFError

    def take_descriptor(self) -> int:
        """The oldest descriptor that came along with a message."""
        return self._descriptors.pop(0)

    def close(self) -> None:
        self._socket.close()

    def _read_what_is_there(self) -> bool:
        while True:
            try:
                data = self._read_with_descriptors() if self._takes_descriptors else self._socket.recv(_CHUNK)
            except BlockingIOError:
                return True
            except OSError:
                return False
            if not data:
                return False
            self._received += data
            if len(data) < _CHUNK:
                return True

    def _read_with_descriptors(self) -> bytes:
        data, descriptors, _, _ = socket.recv_fds(self._socket, _CHUNK, _MOST_FDS)
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        self._descriptors += descriptors
        return data


def pair() -> tuple[socket.socket, socket.socket]:
    """Two connected ends, closed by an exec."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
