"""`threadwork skills` and the row of `doctor`: every answer is a clear sentence."""

from pathlib import Path

import click
import pytest

from agents.skills.save_skill import save_skill
from agents.skills.write_skill_md import SkillDraft
from bot.config.settings import Settings
from bot.doctor.machine_checks import skills as check_row
from bot.platforms import load
from bot.terminal import skills
from orchestrator.errors import NotFound, Refused

REPORT = SkillDraft("sales-report", "Writes the weekly report.", "Begin with the numbers.")


def settings(tmp_path: Path, **more: object) -> Settings:
    return load(environment={"COLUMNS": "200"}, home=tmp_path / "home", **more)


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


async def test_skills_are_listed_and_shown_with_version_source_and_what_they_replace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home" / "skills"
    save_skill(home, REPORT)
    save_skill(home, SkillDraft("meeting-notes-to-actions", "Ours.", "Our way."))
    save_skill(home / "people" / "slack:T1%2FU2", SkillDraft("my-tone", "How I sound.", "Be short."))
    (home / "broken").mkdir()
    assert await skills.listed(settings(tmp_path)) == 0
    shown = capsys.readouterr().out
    assert "/sales-report" in shown and "the team’s" in shown
    assert "the team’s, instead of: built in" in shown
    assert "personal: slack:T1/U2" in shown
    assert f"The skill '{home / 'broken'}' isn't used: it has no SKILL.md; add one, or remove the folder." in shown
    assert await skills.show(settings(tmp_path), "/Sales-Report") == 0
    assert "sales-report 1 (the team’s)\nWrites the weekly report." in capsys.readouterr().out
    with pytest.raises(NotFound, match="There's no skill named 'x'"):
        await skills.show(settings(tmp_path), "x")


async def test_a_check_says_what_works_what_differs_and_what_cannot_be_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_skill(tmp_path / "all", REPORT)
    for name, text in {"odd": "---\nname: odd\ndescription: Use when: asked\nby: me\n---\nDo it.", "bad": ""}.items():
        (tmp_path / "all" / name).mkdir()
        (tmp_path / "all" / name / "SKILL.md").write_text(text)
    assert await skills.check(settings(tmp_path), tmp_path / "all") == 1
    lines = capsys.readouterr().out.splitlines()
    quotes, unknown = "its settings need quotes around text with a colon", "it sets by, which isn't part of the format"
    assert lines == [
        f"! odd: it works, but {quotes}; {unknown}.",
        "✓ sales-report: it follows the format.",
        f"✗ {tmp_path / 'all' / 'bad'}: it can't be used: its SKILL.md has no instructions; write them below the "
        "second --- line.",
        "2 skills can be used, 1 can't.",
    ]
    assert await skills.check(settings(tmp_path), tmp_path / "all" / "sales-report") == 0
    with pytest.raises(NotFound, match="contains no skills"):
        (tmp_path / "none").mkdir()
        await skills.check(settings(tmp_path), tmp_path / "none")


async def test_a_shared_folder_is_trusted_after_its_skills_and_their_hash_were_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    save_skill(project / ".agents" / "skills", REPORT)
    it = settings(tmp_path, host={"folders": [str(project)]})
    row = check_row(it)
    assert (row.level, "1 skill, not trusted by anyone yet" in row.words) == ("warn", True)
    monkeypatch.setattr(click, "confirm", lambda *_, **__: False)
    assert await skills.trust(it, project, yes=False) == 1
    assert check_row(it).level == "warn"
    assert await skills.trust(it, project, yes=True) == 0
    shown = capsys.readouterr().out
    assert "sales-report: Writes the weekly report." in shown and "SHA-256 of all of them: " in shown
    assert check_row(it).level == "ok"
    with pytest.raises(Refused, match="isn't shared with agents"):
        await skills.trust(it, tmp_path, yes=True)
    with pytest.raises(NotFound, match="has no skills in "):
        (project / "src").mkdir()
        await skills.trust(settings(tmp_path, host={"folders": [str(project / "src")]}), project / "src", yes=True)
