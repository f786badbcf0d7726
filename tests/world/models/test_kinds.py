"""Every behaviour names its kind, there are enough of them, and each is met streamed and not."""

import importlib
import inspect
from pathlib import Path

from tests.world.models.behaviours import KINDS
from tests.world.models.conftest import SERVERS


def test_every_behaviour_names_its_kind_and_is_met_streamed_and_not() -> None:
    stories = {}
    for file in Path(__file__).parent.glob("test_*.py"):
        module = importlib.import_module(f"tests.world.models.{file.stem}")
        if module.__name__ != __name__:
            stories |= {name: it for name, it in vars(module).items() if name.startswith("test_")}
    assert set(stories) == set(KINDS)
    assert len(KINDS) >= 40
    assert SERVERS == ("streamed", "whole")
    assert [name for name, it in stories.items() if "world" not in inspect.signature(it).parameters] == []
