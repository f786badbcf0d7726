"""Files of a workspace as a developer's agent works with them: list, search, edit."""

from pathlib import Path
from typing import Any

import pytest

from agents.host.task_workspace import TaskFolder
from agents.tool import CallContext
from agents.tools.files import match_lines, search, tools
from orchestrator.domain.ids import CallId, SubtaskId, TaskId
from orchestrator.domain.people import FileRef
from orchestrator.domain.tool_calls import CallResult, HostCall
from orchestrator.errors import ToolFailed

TREE = {
    "README.md": "# Prices\n\nWhat a seat costs.\n",
    "src/price.py": "import math\n\n\ndef cost(seats):\n    return seats * 10\n\n\nTAX = 0.2\n",
    "src/web/page.ts": "export const cost = 1;\nexport const Cost = 2;\n",
    "tests/test_price.py": "from price import cost\n",
    ".github/workflows/ci.yml": "run: cost\n",
    "node_modules/left-pad/index.js": "var cost;\n",
    "logo.png": "\x89PNG\0cost\n",
}


@pytest.fixture
def workspace(tmp_path: Path) -> TaskFolder:
    folder = TaskFolder(tmp_path)
    for path, text in TREE.items():
        folder.write(path, text.encode())
    return folder


async def does(workspace: TaskFolder, name: str, **args: Any) -> str:
    call = HostCall(id=CallId("c"), task=TaskId("t"), subtask=SubtaskId("s"), tool=name, args=args)
    result = await next(t for t in tools.TOOLS if t.spec.name == name)(
        CallContext(call, workspace, keep, lambda words: None)
    )
    assert isinstance(result, CallResult)
    return result.text


def keep(content: bytes, name: str) -> FileRef:
    raise AssertionError("nothing is kept here")


async def refused(workspace: TaskFolder, name: str, **args: Any) -> str:
    before = {path: workspace.read(path) for path, _ in workspace.files()}
    with pytest.raises(ToolFailed) as failed:
        await does(workspace, name, **args)
    assert {path: workspace.read(path) for path, _ in workspace.files()} == before
    return str(failed.value)


@pytest.mark.parametrize(
    ("args", "paths"),
    [
        ({}, ["src/price.py", "src/web/page.ts", "tests/test_price.py"]),
        ({"include": ["*.py"]}, ["src/price.py", "tests/test_price.py"]),
        ({"include": ["*.py"], "exclude": ["tests/"]}, ["src/price.py"]),
        ({"include": ["src/**/*.py", "./src/web"]}, ["src/price.py", "src/web/page.ts"]),
        ({"below": "src", "exclude": ["**/*.ts"]}, ["src/price.py"]),
        ({"below": "./src/price.py"}, ["src/price.py"]),
        ({"below": "/workspace/.github"}, [".github/workflows/ci.yml"]),
        ({"below": "node_modules"}, ["node_modules/left-pad/index.js"]),
    ],
    ids=str,
)
async def test_globs_and_folders_choose_the_files(
    workspace: TaskFolder, args: dict[str, Any], paths: list[str]
) -> None:
    counts = await does(workspace, "search_files", pattern=r"\bcost\b", show="counts", **args)
    assert [line.partition(": ")[0] for line in counts.splitlines() if not line.startswith("[")] == paths
    if "exclude" not in args:
        listed = await does(workspace, "list_files", **args)
        assert {line.partition("  ")[0] for line in listed.splitlines()} >= set(paths)


async def test_matches_are_shown_with_the_lines_around_them(workspace: TaskFolder) -> None:
    found = await does(workspace, "search_files", pattern="^(def|TAX)", below="src/price.py", context=1)
    assert found.splitlines() == [
        "--", "src/price.py-3- ", "src/price.py:4: def cost(seats):", "src/price.py-5-     return seats * 10",
        "--", "src/price.py-7- ", "src/price.py:8: TAX = 0.2", "[2 lines in 1 of 1 file]",
    ]  # fmt: skip


async def test_case_and_special_characters_count_only_if_wanted(workspace: TaskFolder) -> None:
    assert "[1 line in" in await does(workspace, "search_files", pattern="COST", ignore_case=True, below="README.md")
    assert "No matches in 4 files" in await does(workspace, "search_files", pattern="COST")
    assert "price.py:4: " in await does(workspace, "search_files", pattern="cost(", literal=True)
    assert "isn't a valid regular expression" in await refused(workspace, "search_files", pattern="cost(")


async def test_what_was_not_searched_is_told(workspace: TaskFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "[skipped 1 file (" in await does(workspace, "search_files", pattern="cost")
    monkeypatch.setattr(search, "MOST_SEARCHED", 70)
    assert "[skipped 3 files (" in await does(workspace, "search_files", pattern="cost")
    assert "No file matches" in await refused(workspace, "search_files", pattern="cost", include=["*.{ts,tsx}"])


async def test_many_matches_are_counted_and_a_long_line_is_cut_around_its_match(workspace: TaskFolder) -> None:
    workspace.write("many.txt", b"cost\n" * (match_lines.MOST_FOUND + 50))
    found = await does(workspace, "search_files", pattern="cost", below="many.txt")
    assert found.count("many.txt:") == match_lines.MOST_FOUND
    assert "[250 lines in 1 of 1 file]" in found and "only the first 200" in found
    workspace.write("long.txt", b"x" * 1500 + b"needle" + b"y" * 1500)
    found = await does(workspace, "search_files", pattern="needle", below="long.txt")
    assert "needle" in found and len(found) < 400


async def test_a_wicked_pattern_is_stopped(workspace: TaskFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "SEARCH_SECONDS", 0.3)
    workspace.write("a.txt", b"a" * 60 + b"b")
    assert "took more than" in await refused(workspace, "search_files", pattern="(a+)+$")


async def test_an_edit_says_where_and_can_be_made_everywhere(workspace: TaskFolder) -> None:
    edit = {"path": "src/price.py", "old": "seats * 10", "new": "seats * 12"}
    assert await does(workspace, "edit_file", **edit) == "'src/price.py' was changed on line 5."
    assert workspace.read("src/price.py").decode() == TREE["src/price.py"].replace("* 10", "* 12")
    often = {"path": "src/price.py", "old": "seats", "new": "people"}
    assert "occurs 2 times in 'src/price.py', on lines 4, 5" in await refused(workspace, "edit_file", **often)
    assert await does(workspace, "edit_file", **often, everywhere=True) == "'src/price.py' was changed on lines 4, 5."
    assert b"seats" not in workspace.read("src/price.py")


async def test_an_edit_of_a_file_with_windows_line_ends_keeps_them(workspace: TaskFolder) -> None:
    workspace.write("a.txt", b"one\r\ntwo\r\nthree\r\n")
    await does(workspace, "edit_file", path="a.txt", old="one\ntwo", new="1\n2")
    assert workspace.read("a.txt") == b"1\r\n2\r\nthree\r\n"


@pytest.mark.parametrize(
    ("old", "words"),
    [
        ("", "'old' is empty"),
        ("def price(", "doesn't occur in 'src/price.py'; read the file and copy the text exactly"),
        (
            "def cost(seats):\n  return seats * 10",
            "it differs from lines 4 to 5 only in whitespace, so copy the text from there exactly",
        ),
    ],
)
async def test_an_edit_that_does_not_fit_changes_nothing(workspace: TaskFolder, old: str, words: str) -> None:
    assert words in await refused(workspace, "edit_file", path="src/price.py", old=old, new="x")
