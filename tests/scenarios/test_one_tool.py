"""`threadwork tool`: one call on a copy of a folder, without a hub."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.bootstrap.run_single_tools import open_tools
from bot.cli import cli
from bot.platforms import load
from bot.terminal.run_tool import tool
from orchestrator.errors import NotFound


async def test_a_tool_runs_on_a_copy_with_the_arguments_that_an_agent_may_write(tmp_path: Path) -> None:
    folder = tmp_path / "given"
    (folder / "below").mkdir(parents=True)
    (folder / "below" / "notes.txt").write_text("one\ntwo\n")

    async with open_tools(load(None, environment={}, home=tmp_path / "home")) as tools:
        read = await tools.run("read_file", {"arguments": '{"path": "below/notes.txt"}'}, folder)
        wrote = await tools.run("write_file", {"path": "below/notes.txt", "content": "three"}, folder)
        new = await tools.run("write_file", {"path": "b.csv", "content": 12}, folder)
        missing = await tools.run("read_file", {"path": "b.csv"}, folder)
        with pytest.raises(NotFound, match="read_file"):
            await tools.run("reed_file", {}, folder)

        assert read.args == {"path": "below/notes.txt"}
        assert read.result.ok
        assert "two" in read.result.text
        assert not read.files
        assert [(f.path, f.change) for f in wrote.files] == [("below/notes.txt", "changed")]
        assert [(f.path, f.change, f.at.read_text().strip()) for f in new.files] == [("b.csv", "new", "12")]
    assert not missing.result.ok
    assert "There's no file 'b.csv'" in missing.result.text
    assert (folder / "below" / "notes.txt").read_text() == "one\ntwo\n"


async def test_the_command_prints_what_an_agent_would_read_and_saves_what_came_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings, out = load(None, environment={}, home=tmp_path / "home"), tmp_path / "out"
    args = '{"path": "b.csv", "content": "1"}'
    assert await tool(settings, "write_file", args=args, folder=None, out=out, as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["files"] == [{"path": "b.csv", "change": "new"}]
    assert (out / "b.csv").read_text().strip() == "1"


@pytest.mark.parametrize("args", ["[1]", "{", '"path"'])
def test_arguments_that_are_not_an_object_are_refused_before_anything_starts(tmp_path: Path, args: str) -> None:
    ended = CliRunner().invoke(cli, ["--home", str(tmp_path), "tool", "read_file", "--args", args])
    assert ended.exit_code == 2
    assert "--args" in ended.stderr
