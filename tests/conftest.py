"""Fixtures of the whole suite."""

import gc
import logging
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from tests.blocking_calls import refused
from tests.postgres import postgres_server, postgres_url

pytest_plugins = ["tests.failures_at_once", "tests.long_tests"]
__all__ = ["postgres_server", "postgres_url"]


def pytest_configure() -> None:
    gc.disable()  # until all is imported: it stays, and searching it for garbage takes a tenth of the suite's time
    # a busy machine makes examples slow, and that says nothing about the code; the same examples in every run
    settings.register_profile(
        "steady", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.load_profile("steady")
    # numbers and words of our sources are no examples: they change with every edit, and finding them takes seconds
    providers._get_local_constants = Constants  # pyright: ignore[reportPrivateUsage]
    os.environ.setdefault("THREADWORK_MODELS__REHEARSAL_PAUSE", "0")  # nobody watches


def pytest_collection_finish() -> None:
    gc.enable()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(autouse=True)
def nothing_blocks_the_event_loop() -> Iterator[None]:
    """In every test: code of ours that blocks a running loop fails it."""
    with refused():
        yield
    root = logging.getLogger()
    for left in [one for one in root.handlers if isinstance(one, logging.FileHandler)]:
        root.removeHandler(left)  # a command that ran in this process; the next test's lines aren't its own
        left.close()
