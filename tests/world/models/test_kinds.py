"""Every behaviour names its kind, and there are enough of them."""

import importlib
from pathlib import Path

from tests.world.models.behaviours import KINDS


def test_every_behaviour_names_its_kind() -> None:
    names: set[str] = set()
    for file in Path(__file__).parent.glob("test_*.py"):
        module = importlib.import_module(f"tests.world.models.{file.stem}")
        names |= {name for name in vars(module) if name.startswith("test_")}
    assert names - {test_every_behaviour_names_its_kind.__name__} == set(KINDS)
    assert len(KINDS) >= 40
