"""The configuration as one value."""

# No `from __future__ import annotations`: NamedTuple would compile each text, and every command waits for it.

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from queuectl.errors import BadValue

if TYPE_CHECKING:
    from queuectl.core.retry import RetryPolicy


class Settings(NamedTuple):
    """The configuration as one checked value; `queuectl.core.keys` says what each field means."""

    max_retries: int = 3
    backoff_base: float = 2.0
    backoff_max_s: float = 3600.0
    backoff_jitter: float = 0.0
    timeout_s: float | None = None
    kill_grace_s: float = 10.0
    lease_s: float = 30.0
    max_interruptions: int = 5
    log_limit_bytes: int = 10 * 2**20
    output_total_bytes: int = 2 * 2**30
    keep_completed_s: float | None = 7 * 86_400.0
    shell: str = "/bin/sh"

    @staticmethod
    def of(stored: Mapping[str, str]) -> "Settings":
        """From stored texts by key; what is missing, unknown or no longer readable gets its default."""
        if not stored:
            return Settings()
        from queuectl.core.keys import BY_NAME  # who has set nothing need not wait for it

        values: dict[str, Any] = {}
        for name, text in stored.items():
            key = BY_NAME.get(name)
            if key is not None:
                try:
                    values[key.field] = key.read(text)
                except BadValue:
                    continue
        return Settings(**values)

    @property
    def retry_policy(self) -> "RetryPolicy":
        from queuectl.core.retry import RetryPolicy  # only a dispatcher needs it

        return RetryPolicy(self.backoff_base, self.backoff_max_s, self.backoff_jitter)
