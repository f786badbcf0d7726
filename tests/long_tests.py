"""Which tests run: all, or those that don't take long. A plugin of pytest."""

from collections.abc import Sequence
from typing import Any, cast

import pytest

EARLY = ("tests/acceptance/", "tests/conformance/test_engine.py", "tests/world/pages/")
"""Where the longest files are: started last, they would run alone at the end."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="also what takes long: every step killed, storms, crowds")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: runs only with --all")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what is marked slow, unless all is asked for. What takes longest comes first."""
    left_out = [item for item in items if item.get_closest_marker("slow") and not config.getoption("--all")]
    config.hook.pytest_deselected(items=left_out)
    kept = [item for item in items if item not in left_out]
    items[:] = sorted(kept, key=lambda item: not item.nodeid.startswith(EARLY))
    if config.getoption("--all"):
        for item in items:
            if "everything" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.timeout(6000))


@pytest.fixture
def everything(request: pytest.FixtureRequest) -> bool:
    """Whether all is asked for, as long as it may take."""
    return bool(request.config.getoption("--all"))


def sampled(rows: Sequence[Any], every: int) -> list[Any]:
    """Rows for `parametrize`: one of so many runs always, the others only with --all. A tuple is several arguments."""
    return [pytest.param(*_values(row), marks=[pytest.mark.slow] if n % every else []) for n, row in enumerate(rows)]


def _values(row: Any) -> tuple[Any, ...]:
    return cast("tuple[Any, ...]", row) if type(row) is tuple else (row,)
