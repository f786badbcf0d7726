"""`threadwork agents` and the row of `doctor`: every answer is a clear sentence."""

from pathlib import Path

import pytest

from bot.config.settings import Settings
from bot.doctor.machine_checks import agents as check_row
from bot.platforms import load
from bot.terminal import agents
from orchestrator.domain.model_messages import Prompt
from orchestrator.errors import NotFound, Refused
from tests.memory_hub import say
from tests.model_server import KEY, serving

GOOD = "---\nname: reader\ndescription: Reads contracts.\ntools: [read_file, deliver]\n{}\n---\nYou read contracts."


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def settings(tmp_path: Path, **more: object) -> Settings:
    return load(environment={}, home=tmp_path, **more)


def put(tmp_path: Path, name: str, text: str) -> Path:
    (tmp_path / "agents").mkdir(exist_ok=True)
    file = tmp_path / "agents" / name
    file.write_text(text)
    return file


async def test_agents_are_listed_with_what_is_wrong_and_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = put(tmp_path, "reader.md", GOOD.format("skills: [weekly-reprot]\nmodel: openai/gpt-5"))
    put(tmp_path, "bad.md", GOOD.format("effort: max"))
    assert await agents.listed(settings(tmp_path)) == 0
    shown = capsys.readouterr().out
    assert "Reads contracts." in shown and "built in" in shown and "openai/gpt-5" in shown
    assert "'bad.md', effort: 'max' isn't an effort. Use none, low, medium, high." in shown
    missing = "'reader.md', skills: There's no skill 'weekly-reprot' here, so the agent works without it."
    assert f"{missing} Did you mean 'weekly-report'?" in shown
    assert await agents.show(settings(tmp_path), "reader") == 0
    assert f"reader edited (the team’s)\n{file}\n\n---\nname: reader" in capsys.readouterr().out
    with pytest.raises(NotFound, match="The agent 'nobody' is no longer on the roster"):
        await agents.show(settings(tmp_path), "nobody")

    row = check_row(settings(tmp_path))
    assert (row.level, row.words.split(". ")[0]) == ("warn", "5 agents can be used")
    assert "'bad.md', effort" in row.words
    (tmp_path / "agents" / "bad.md").unlink()
    put(tmp_path, "reader.md", GOOD.format(""))
    assert check_row(settings(tmp_path))[:3] == ("agents", "ok", "5 agents can be used")


async def test_a_file_is_checked_without_being_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.md", tmp_path / "bad.md"
    good.write_text(GOOD.format(""))
    bad.write_text(GOOD.format("tols: x\nlimits: {turns: 0}"))
    assert await agents.check(settings(tmp_path), good) == 0
    assert capsys.readouterr().out == "✓ 'good.md' can be used.\n"
    assert await agents.check(settings(tmp_path), bad) == 1
    assert capsys.readouterr().out == (
        "✗ 'bad.md', tols: There's no such setting. Did you mean 'tools'?\n"
        "✗ 'bad.md', limits.turns: It has to be a whole number from 1 to 200.\n"
    )


async def test_an_earlier_version_counts_again_also_of_a_removed_agent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = put(tmp_path, "reader.md", GOOD.format(""))
    first = file.read_text()
    with pytest.raises(NotFound, match="There are no kept versions of an agent named 'reader'"):
        await agents.roll_back(settings(tmp_path), "reader", None)
    from agents.roster.roster import Roster

    hub = Roster(tmp_path / "agents", keeps=True)
    hub.look()
    file.write_text(first.replace("You", "Now you"))
    hub.look()
    file.write_text("broken")
    assert await agents.roll_back(settings(tmp_path), "reader", None) == 0
    assert "Now you" in file.read_text()
    file.write_text(first.replace("You", "By hand, you"))
    assert await agents.roll_back(settings(tmp_path), "reader", None) == 0
    assert "Now you" in file.read_text()
    assert await agents.roll_back(settings(tmp_path), "reader", None) == 0
    assert file.read_text() == first
    file.unlink()
    assert await agents.roll_back(settings(tmp_path), "reader", 3) == 0
    assert "By hand, you" in file.read_text()
    assert capsys.readouterr().out.endswith("Version 3 of the agent 'reader' counts again, from the next plan on.\n")
    with pytest.raises(NotFound, match="the versions are 1, 2, 3"):
        await agents.roll_back(settings(tmp_path), "reader", 9)


async def test_one_turn_is_shown_and_not_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seen = list[Prompt]()

    async def brain(prompt: Prompt):
        seen.append(prompt)
        return say("First I read.", read_file={"path": "acme.txt"})

    put(tmp_path, "reader.md", GOOD.format("policy: {ask: [read_file]}"))
    async with serving(brain) as server:
        chosen = {"default": "openai/test-model", "api_base": server.url, "api_key": KEY}
        assert await agents.try_out(settings(tmp_path, models=chosen), "reader", "Read Acme's contract") == 0
    shown = capsys.readouterr().out
    assert "First I read.\nread_file (would ask first: this agent's policy says that it has to ask first" in shown
    assert '"path": "acme.txt"' in shown
    assert {spec.name for spec in seen[0].tools} == {"read_file", "deliver", "recall", "use_skill"}
    assert not (tmp_path / "workspaces").exists()
    with pytest.raises(Refused, match="No model is set"):
        await agents.try_out(settings(tmp_path), "reader", "x")
    with pytest.raises(NotFound, match="no longer on the roster"):
        await agents.try_out(settings(tmp_path), "nobody", "x")
