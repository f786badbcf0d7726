"""Fixtures of the web workspace's stories."""

from pathlib import Path

import pytest

from tests.litellm_cores import core
from tests.real_model import smollm
from tests.scenarios.web_visit import peoples_browser, visit
from tests.scenarios.web_workspace import House, house

__all__ = ["core", "peoples_browser", "smollm", "visit"]


@pytest.fixture
def home(tmp_path: Path) -> House:
    """A workspace in process."""
    return house(tmp_path)
