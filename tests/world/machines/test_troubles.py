"""Every trouble names its kind, and there are enough kinds of them."""

import importlib
from pathlib import Path

from tests.world.machines.troubles import KINDS


def test_every_trouble_names_its_kind() -> None:
    tests: set[str] = set()
    for file in Path(__file__).parent.glob("test_*.py"):
        module = importlib.import_module(f"tests.world.machines.{file.stem}")
        if module.__name__ != __name__:
            tests |= {name for name in vars(module) if name.startswith("test_")}
    assert tests == set(KINDS)
    assert len(set(KINDS.values())) >= 12
