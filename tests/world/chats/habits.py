"""The table of habits: each is a test that runs on every platform where people can do that."""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

import pytest

PLATFORMS = ("slack", "discord", "web")
Story = Callable[..., Awaitable[None]]


class Habit(NamedTuple):
    """What people do. `unsaid`: the platforms on which they can't, each with the reason."""

    kind: str
    name: str
    unsaid: Mapping[str, str]


HABITS: dict[str, Habit] = {}


def habit(kind: str, **unsaid: str) -> Callable[[Story], Any]:
    """Marks a test that takes `room`. `unsaid`: why people on that platform can't do it, e.g. `web="…"`."""
    assert set(unsaid) < set(PLATFORMS), unsaid
    there = [name for name in PLATFORMS if name not in unsaid]

    def marked(story: Story) -> Any:
        name = story.__name__.removeprefix("test_").replace("_", " ")
        HABITS[f"{story.__module__}.{story.__name__}"] = Habit(kind, name, unsaid)
        return pytest.mark.parametrize("room", there, indirect=True)(story)

    return marked


def ruled(**rules: object) -> Callable[[Story], Story]:
    """Marks a habit in a room with other settings of the section `chats`; stands below `habit`."""

    def marked(story: Story) -> Story:
        vars(story)["rules"] = rules
        return story

    return marked


def collected() -> Sequence[Habit]:
    """Every habit of this folder."""
    import tests.world.chats as here

    for module in pkgutil.iter_modules(here.__path__):
        if module.name.startswith("test_"):
            importlib.import_module(f"{here.__name__}.{module.name}")
    return tuple(HABITS.values())
