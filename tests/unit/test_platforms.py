"""The table of platforms: what its rows promise, and that loading it is cheap."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.bootstrap.browser_logins import team_problem
from bot.platforms import PLATFORMS, load
from bot.terminal.platform_init_commands import command, names

TOP = Path(__file__).parents[2]
HEAVY = ("discord", "slack_sdk", "slack_bolt", "aiohttp", "starlette", "httpx")


def test_loading_the_table_loads_no_library_of_a_platform() -> None:
    asked = f"import sys, bot.platforms; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asked], cwd=TOP, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("row", PLATFORMS, ids=lambda row: row.name)
def test_each_row_has_its_section_its_service_and_its_walk(row: object) -> None:
    it = next(one for one in PLATFORMS if one is row)
    empty = load(environment={}).platforms[it.name]
    assert type(empty) is it.settings
    assert (empty.serves, empty.missing) == (False, "")
    walk = it.service().walk(empty)
    assert {ask.variable: ask.field for ask in walk.asks}.items() <= it.settings.variables.items()
    assert walk.use.format(up="UP", look="LOOK", request="REQUEST").count("UP") == 1


def test_each_platform_can_be_set_up_by_its_name() -> None:
    assert names() == [row.name for row in PLATFORMS]
    assert all(command(name) for name in names())
    assert command("nowhere") is None


@pytest.mark.parametrize(
    ("team", "known"),
    [
        ("local", True), ("slack:T0123", True), ("slack:E9", True), ("slack:@ada/C1", True), ("discord:4567", True),
        ("discord:@me/7", True), ("slack:4567", False), ("discord:T0123", False), ("T0123", False),
        ("nowhere:1", False),
    ],
)  # fmt: skip
def test_a_team_is_known_by_its_platforms_pattern(team: str, known: bool) -> None:
    assert (team_problem(team) == "") is known


def test_no_code_outside_a_platforms_own_folder_asks_which_platform_it_is() -> None:
    asks = re.compile(rf"""[=!]= *f?["']({"|".join(names())})\b|["']({"|".join(names())})["'] *(in|==|!=)\b""")
    found = [
        f"{file.relative_to(TOP)}: {line.strip()}"
        for folder in ("bot", "orchestrator", "agents", "deploy/install")
        for file in sorted((TOP / folder).rglob("*.py"))
        if file.relative_to(TOP).parts[1] not in names()
        for line in file.read_text("utf-8").splitlines()
        if asks.search(line)
    ]
    assert found == []
