"""What ships in `skills/` follows the format, in the eyes of the reference and in ours."""

import re
from pathlib import Path

import pytest
from skills_ref import validate

from agents.host.host_tools import known_specs
from agents.hub_tools import coordination
from agents.roster.roster import load
from agents.skills.find_skills import SkillFinder
from agents.skills.name_precedence import nearest
from agents.skills.ranking import SkillRanking
from agents.skills.read_folder import read_skill
from agents.skills.skill_folders import shipped_root
from agents.skills.skill_list_text import FOR_AGENT, listing
from tests.prompt_tokens import encoder

ROOT = shipped_root()
FOLDERS = sorted(path.parent for path in ROOT.path.glob("*/SKILL.md"))
TOOLS = {
    *(spec.name for specs in known_specs().values() for spec in specs),
    *(tool.spec.name for tool in coordination.TOOLS),
    "web_search", "use_skill", "more_tools", "ask_to_take_over",
}  # fmt: skip
CHANGES = {"drop_rows", "drop_columns", "source_url"}
"""Steps of data_clean, and an argument."""
ASKED = [
    ("build me a model of our costs for next year with three scenarios", "spreadsheet-model"),
    ("make a presentation out of this report", "slide-deck"),
    ("boil this study down to one page for the CEO", "one-page-summary"),
    ("research the three largest vendors and their prices", "research-with-sources"),
    ("who has to do what after yesterday's meeting?", "meeting-notes-to-actions"),
    ("this customer list is a mess, please clean it and remove duplicates", "data-clean-up"),
    ("register our stand in the portal of the fair, the form is at this address", "web-form-filling"),
    ("please review this patch before we merge it", "code-review"),
    ("the status report for this week please", "weekly-report"),
    ("put all these invoices into one table", "invoice-table"),
    ("what changed between the old and the new contract?", "contract-comparison"),
    ("turn what you just did into a skill", "skill-maker"),
]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_it_follows_the_format_and_is_short_enough_to_be_read(folder: Path) -> None:
    assert validate(folder) == []
    skill = read_skill(folder, ROOT)
    assert skill.sheet.repairs == ()
    assert len(skill.sheet.body.splitlines()) < 500
    assert encoder()(skill.sheet.body) < 5_000
    assert len(skill.sheet.description) <= 220


def test_there_are_twelve() -> None:
    assert [folder.name for folder in FOLDERS] == [
        "code-review", "contract-comparison", "data-clean-up", "invoice-table", "meeting-notes-to-actions",
        "one-page-summary", "research-with-sources", "skill-maker", "slide-deck", "spreadsheet-model",
        "web-form-filling", "weekly-report",
    ]  # fmt: skip


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_tools_and_files_that_it_names_exist(folder: Path) -> None:
    text = (folder / "SKILL.md").read_text("utf-8")
    named = set(re.findall(r"`([a-z]+_[a-z_]+)`", text)) - CHANGES
    assert named <= TOOLS
    families = re.findall(r"(?:open the family|in the family) `(\w+)`", text, re.IGNORECASE)
    assert set(families) <= {family for one in load().colleagues for family in one.families}
    for path in re.findall(r"(?:assets|scripts|references)/[\w.-]+\w", text):
        assert (folder / path).is_file(), path


def test_their_list_costs_less_than_800_tokens() -> None:
    visible = nearest([SkillFinder().find(ROOT).skills])
    ranking = SkillRanking(visible.by_name.values())
    assert 300 < encoder()(listing(visible, ranking, "", FOR_AGENT, room=100_000)) < 800


@pytest.mark.parametrize(("words", "name"), ASKED)
def test_it_is_found_by_the_words_in_which_people_ask(words: str, name: str) -> None:
    ranking = SkillRanking(nearest([SkillFinder().find(ROOT).skills]).by_name.values())
    assert name in [skill.name for skill in ranking.best(words, 2)]
