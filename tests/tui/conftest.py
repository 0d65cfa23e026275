"""What every test of the app needs."""

from __future__ import annotations
