"""`threadwork skills` and the row of `doctor`: every answer is a clear sentence."""

from pathlib import Path

import click
import pytest

from agents.skills.save_skill import save_skill
from agents.skills.versions import archive
from agents.skills.write_skill_md import SkillDraft
from agents.skills.zip_skill import archived
from bot.bootstrap.open_desk import ledger_of
from bot.config.settings import Settings
from bot.doctor.machine_checks import skills as check_row
from bot.platforms import load
from bot.terminal import skills
from orchestrator.clock import SystemClock
from orchestrator.domain import events as e
from orchestrator.domain.ids import Key, Stream, TaskId
from orchestrator.domain.people import Place, Request
from orchestrator.domain.skill_rates import ROOM
from orchestrator.domain.skills import skill_text
from orchestrator.errors import NotFound, Refused
from tests.memory_hub import ADA
from tests.skill_site import sheet, skill_site

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


async def test_a_skill_is_installed_once_someone_has_seen_it_archived_and_brought_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with skill_site() as site:
        site.files["/tone.zip"] = archived("tone", {"SKILL.md": sheet("tone"), "scripts/count.py": b"print(1)"})
        it = settings(tmp_path, host={"near": [site.host]})
        address, whose = f"{site.url}/tone.zip", ("person", "slack:T1/U2")
        monkeypatch.setattr(click, "confirm", lambda *_, **__: False)
        assert await skills.install(it, address, "", whose, yes=False) == 1
        folder = tmp_path / "home" / "skills" / "people" / "slack:T1%2FU2"
        assert not folder.exists()
        assert await skills.install(it, address, "", whose, yes=True) == 0
    shown = capsys.readouterr().out
    for words in (
        "tone: How we sound in tone.", "scripts/count.py (8 bytes)", "Its 1 script can run only in the sandbox.",
        "Hash (SHA-256): ", "Nothing was changed.", f"Installed tone 1 in {folder / 'tone'}",
    ):  # fmt: skip
        assert words in shown, shown
    assert await skills.install(it, str(folder / "tone"), "", ("team", ""), yes=True) == 0
    archive(folder / "tone")
    archive(tmp_path / "home" / "skills" / "tone")
    assert await skills.listed(it) == 0
    assert "(tone 1)" in (shown := capsys.readouterr().out)
    with pytest.raises(Refused, match="Several archived skills are named 'tone'"):
        await skills.restore(it, "tone")
    (mine,) = (folder / ".archived").iterdir()
    assert await skills.restore(it, mine.name) == 0
    assert (folder / "tone" / "scripts" / "count.py").exists()
    with pytest.raises(NotFound, match="No archived skill is named 'x'"):
        await skills.restore(it, "x")
    with pytest.raises(Refused, match="isn't an address that skills can be installed from"):
        await skills.install(it, "nowhere", "", ("team", ""), yes=True)


async def test_drafts_that_wait_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    it = settings(tmp_path)
    request = Request(text="A note", by=ADA, place=Place(platform="web", channel="c", thread="1"))
    facts = (
        e.TaskOpened(request=request), e.SkillRequested(saving=1, by=ADA), e.SkillRequested(saving=2, by=ADA),
        e.SkillDrafted(saving=1, draft=skill_text("note-style", "How notes look.", "Begin with a date.")),
    )  # fmt: skip
    ledger = await ledger_of(it, SystemClock())
    for number, fact in enumerate(facts):
        await ledger.record(Stream("t1"), Key(str(number)), fact)
    for saving in (1, 2):
        await ledger.record(Stream(ROOM), Key(str(saving)), e.SkillBegun(task=TaskId("t1"), saving=saving))
    await ledger.close()
    assert await skills.listed(it) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "A draft by Ada waits for approval in the task t1: note-style"
