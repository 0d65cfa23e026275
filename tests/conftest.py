"""For all tests: signals as a person's shell leaves them.

What a script puts in the background ignores Ctrl+C, and so would every program that the tests start.
"""

from __future__ import annotations

import signal

signal.signal(signal.SIGINT, signal.default_int_handler)
