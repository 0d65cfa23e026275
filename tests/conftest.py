"""Options of all tests."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--app", action="store_true", help="Run the tests that type through the whole app, too.")
