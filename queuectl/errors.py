"""What can go wrong, as one small family: each error says what happened, what to do next, and its exit code."""


class QueuectlError(Exception):
    """An error that a person can act on.

    `message` is one sentence; `hint` says what to do next and may be empty.
    `exit_code` is what the command line ends with.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class NotFound(QueuectlError):
    """No job, pool or attempt of that name."""


class BadValue(QueuectlError):
    """A value from outside that cannot be used as it is."""

    exit_code = 2


class Conflict(QueuectlError):
    """What is asked for contradicts what is already there."""

    exit_code = 3


class KeyTaken(Conflict):
    """The job cannot wait again: another one with its unique_key waits or runs."""

    def __init__(self, id: str) -> None:
        super().__init__(
            f"{id} has the unique key of another job that is still to end", "wait for that one to end, or cancel it"
        )


class WrongState(Conflict):
    """The job's state does not allow what is asked for."""


class StoreUnusable(QueuectlError):
    """The store cannot be opened, read or written."""

    exit_code = 4


class StoreBusy(StoreUnusable):
    """Another process kept the store locked for too long; the same call may succeed later."""


class StoreFull(StoreUnusable):
    """There is no room to write; the same call may succeed once there is."""


class TimedOut(QueuectlError):
    """What was waited for did not come in time."""

    exit_code = 124
