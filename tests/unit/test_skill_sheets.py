"""What a SKILL.md says, how it is written, who calls it, and what its tools are."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skills_ref.parser import parse_frontmatter
from skills_ref.validator import validate_metadata

from agents.skills.allowed_tools import narrowed, understood
from agents.skills.called_by_name import CalledSkills, called
from agents.skills.skill import BadSkill, parse
from agents.skills.write_skill_md import SkillDraft, problems, written
from orchestrator.domain.tool_calls import Effect, ToolSpec

TEXT = st.text(max_size=300)
WORDS = st.text(min_size=1, max_size=300).filter(lambda text: "".join(c for c in text if c.isprintable()).strip())


def test_a_plain_scalar_with_a_colon_is_quoted() -> None:
    sheet = parse(
        b"---\nname: a-b\ndescription: Use when: asked, e.g. http://x.test # not a comment\n---\nDo it.", "a-b"
    )
    assert sheet.description == "Use when: asked, e.g. http://x.test # not a comment"
    assert sheet.repairs == ("its settings need quotes around text with a colon",)


def test_the_version_and_the_tools_of_the_author_are_read() -> None:
    text = b"---\nname: a\ndescription: do\nmetadata:\n  version: 1.10\nallowed-tools: Read, Bash(git:*) Write\n---\nx"
    sheet = parse(text, "a")
    assert (sheet.version, sheet.tools) == ("1.10", ("Read", "Bash(git:*)", "Write"))


def test_invisible_letters_reach_no_model() -> None:
    hidden = "".join(chr(0xE0000 + ord(c)) for c in "send all")
    text = f"---\nname: a\ndescription: fine{hidden}\u202e words\n---\nDo{hidden} it."
    sheet = parse(text.encode(), "a")
    assert (sheet.description, sheet.body) == ("fine words", "Do it.")


@pytest.mark.parametrize(
    "bomb", ["a: &a [*a]\ndescription: *a", "x: " + "[" * 9_000, "description:\n" + " - x\n" * 5_000]
)
def test_yaml_that_holds_itself_or_never_ends_is_read_in_time(bomb: str) -> None:
    assert parse(f"---\nname: a\n{bomb}\n---\nDo this one thing carefully.".encode(), "a").name == "a"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\0\1\2", "isn't text"),
        (b"---\nname: a\ndescription: b c d\n---\n", "has no instructions"),
        (b"---\nname: a\n---\n# x\n", "has no description"),
        (b"x" * 600_000, "larger than 512 KiB"),
    ],
)
def test_what_nobody_could_use_is_refused_with_the_reason(content: bytes, why: str) -> None:
    with pytest.raises(BadSkill, match=why):
        parse(content, "a")


@settings(max_examples=150, deadline=None)
@given(name=st.text(alphabet="ab9-é", min_size=1, max_size=70), description=WORDS, body=WORDS, more=TEXT)
def test_the_reference_agrees_on_everything_that_is_written(name: str, description: str, body: str, more: str) -> None:
    draft = SkillDraft(name, description, body, more, more, ("Read", "Bash(git:*)"), {"version": "1.0", "by": more})
    if problems(draft):
        return
    text = written(draft)
    found, kept = parse_frontmatter(text)
    assert validate_metadata(found) == []
    sheet = parse(text.encode(), draft.name)
    assert sheet.repairs == ()
    assert (sheet.name, sheet.tools, sheet.version) == (found["name"], ("Read", "Bash(git:*)"), "1.0")
    assert sheet.body == kept


@pytest.mark.parametrize(
    "hard", ["--- a", "a: b # c", '"quoted" \\ back', "line\nbreak\ttab", "{a} [b] *c &d !e %f @g `h`", "true", "12"]
)
def test_hard_descriptions_are_read_back_by_both(hard: str) -> None:
    text = written(SkillDraft("a-b", hard, "Do it."))
    assert parse(text.encode(), "a-b").description == parse_frontmatter(text)[0]["description"]


@pytest.mark.parametrize(
    ("draft", "problem"),
    [
        (SkillDraft("A b", "x", "y"), "The name 'A b' must be"),
        (SkillDraft("a", " ", "y"), "Add a description"),
        (SkillDraft("a", "x" * 1025, "y"), "The description is 1,025 characters long"),
        (SkillDraft("a", "x", " "), "Add instructions"),
    ],
)
def test_a_draft_that_strict_readers_would_refuse_is_not_written(draft: SkillDraft, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        written(draft)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@threadwork /weekly-report for May", CalledSkills(("weekly-report",))),
        ("<@U1> please use /weekly-report, then /slide-deck.", CalledSkills(("weekly-report", "slide-deck"))),
        ("/Weekly-Report", CalledSkills(("weekly-report",))),
        ("@threadwork /weekly-reprt for May", CalledSkills((), "weekly-reprt")),
        ("read /tmp/weekly-report and /etc/passwd", CalledSkills()),
        ("/tmp/x is full", CalledSkills()),
        ("either/or, and https://x.test/weekly-report", CalledSkills()),
    ],
)
def test_a_skill_is_called_by_its_name_and_a_path_is_no_call(text: str, expected: CalledSkills) -> None:
    assert called(text, {"weekly-report", "slide-deck"}) == expected


def spec(name: str, *effects: Effect, place: str = "host") -> ToolSpec:
    return ToolSpec(name=name, description="", parameters={}, effects=frozenset(effects), place=place)  # pyright: ignore


TOOLS = {
    one.name: one
    for one in (
        spec("read_file", Effect.READ), spec("write_file", Effect.WRITE_WORKSPACE), spec("deliver", place="hub"),
        spec("run_shell", Effect.EXECUTE, Effect.WRITE_WORKSPACE), spec("web_search", Effect.NETWORK_READ, place="hub"),
    )
}  # fmt: skip


@pytest.mark.parametrize(
    ("limits", "left"),
    [
        ([], set(TOOLS)),
        ([("Read",)], {"read_file", "deliver"}),
        ([("Read", "Write")], {"read_file", "write_file", "deliver"}),
        ([("Read",), ()], set(TOOLS)),
        ([("Read",), ("run_shell",)], {"read_file", "run_shell", "deliver"}),
        ([("Bash(git:*)",)], {"read_file", "write_file", "run_shell", "deliver"}),
    ],
)
def test_allowed_tools_only_ever_take_tools_away(limits: list[tuple[str, ...]], left: set[str]) -> None:
    assert set(narrowed(TOOLS, [understood(limit) for limit in limits])) == left


def test_a_tool_that_nobody_knows_limits_nothing() -> None:
    assert understood(("mcp__jira__search", "Task", "Read", "sheet_write")) == ("Read", "sheet_write")
