"""Fixtures of the whole suite."""

import os

import pytest

from tests.postgres import postgres_server, postgres_url

__all__ = ["postgres_server", "postgres_url"]


def pytest_configure() -> None:
    os.environ.setdefault("THREADWORK_MODELS__REHEARSAL_PAUSE", "0")  # nobody watches


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every-step", action="store_true", help="kill at every recorded step, not every few (long)")
