"""An agent's file: what it may say, one sentence for each mistake, and every version kept."""

import os
from pathlib import Path

import pytest

from agents.host.host_tools import known_specs
from agents.loop.run_tool_call import HUB_TOOLS, INTERNAL
from agents.roster.agent_file import MOST_FILE, read_agent
from agents.roster.agent_versions import before, kept_versions
from agents.roster.roster import Roster, load
from agents.roster.tool_names_by_family import DESCRIBED, FAMILIES, JUDGED, TOOLS
from agents.search.tool import search_tool
from orchestrator.domain.people import Person, PersonId, Place, Request
from orchestrator.domain.policy import Rule, Verdict
from orchestrator.domain.tool_calls import Effect
from orchestrator.errors import NotFound

WHOLE = """---
name: contract-reader
description: Reads contracts and lists duties, dates, and amounts.
tools: [files, document_read, share_finding, deliver]
families: [sheets]
connectors: [github]
skills: [contract-comparison]
model: openai/gpt-5
effort: high
limits: {turns: 20, cost: 2.5, tokens: 300000}
policy:
  ask: [run_python, "*.example.com"]
  deny: [network-send, use-login]
for: {channels: ["slack:T1/C1"]}
---
You read contracts.
"""
LEAST = "---\nname: x\ndescription: Does x.\ntools: [files]\n{}\n---\nDo x."


def told(text: str) -> list[str]:
    return [one.at("x.md") for one in read_agent(text.encode()).mistakes]


def test_the_names_of_tools_are_those_that_there_are() -> None:
    specs = [*(spec for specs in known_specs().values() for spec in specs), search_tool(None).spec]
    specs += [tool.spec for name, tool in HUB_TOOLS.items() if name not in ("recall",)]
    there = {spec.name: spec for spec in specs if spec.name not in INTERNAL}
    assert set(there) == TOOLS
    assert sum(map(len, FAMILIES.values())) == len(TOOLS)
    judged = {name for name, spec in there.items() if spec.effects}
    assert {*judged, "web_search"} == JUDGED  # without a search service it has no effect
    assert DESCRIBED.keys() == FAMILIES.keys()


def test_a_whole_file_is_read() -> None:
    read = read_agent(WHOLE.encode())
    assert read.mistakes == ()
    agent = read.agent
    assert agent is not None
    assert agent.tools == (*FAMILIES["files"], "document_read", "share_finding", "deliver")
    assert agent.families == {"sheets": FAMILIES["sheets"]}
    assert (agent.connectors, agent.skills) == (("github",), ("contract-comparison",))
    assert (agent.model, agent.effort, agent.limits) == ("openai/gpt-5", "high", (20, 2.5, 300_000))
    rules = [(r.verdict, r.tool or r.effect or r.domain) for r in agent.policy]
    ask, deny = Verdict.ASK, Verdict.DENY
    assert rules == [
        (ask, "run_python"), (ask, "*.example.com"), (deny, Effect.NETWORK_SEND), (deny, Effect.USE_LOGIN),
    ]  # fmt: skip
    assert agent.scope.channels == ("slack:T1/C1",)
    assert agent.prompt == "You read contracts."


def test_a_file_of_another_editor_is_read_the_same() -> None:
    plain = read_agent(WHOLE.encode()).agent
    assert read_agent(b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode()).agent == plain
    commas = LEAST.format("skills: /a, b").replace("[files]", "files, web_search")
    found = read_agent(commas.encode()).agent
    assert found is not None
    assert (found.tools[-1], found.skills, found.connectors) == ("web_search", ("a", "b"), None)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("tols: [a]", "'x.md', tols: There's no such setting. Did you mean 'tools'?"),
        ("turns: 3", "'x.md', turns: It belongs under limits: write `limits: {turns: …}`."),
        ("families: [sheet]", "'x.md', families: There's no family 'sheet'. Did you mean 'sheets'?"),
        ("families: {a: [read_fle]}", "'x.md', families: There's no tool 'read_fle'. Did you mean 'read_file'?"),
        ("families: {A b: [read_file]}", "'x.md', families: Write each as a name and its tools, like "
         "`slides: [slides_write]`."),
        ("families: {a: []}", "'x.md', families: Write each as a name and its tools, like `slides: [slides_write]`."),
        ("connectors: [My Hub]", "'x.md', connectors: 'My Hub' isn't a connector's name; `threadwork connectors` lists "
         "them."),
        ("connectors: {a: b}", "'x.md', connectors: Write it as a list of names, like `[files, web_search]`."),
        ("skills: [A B]", "'x.md', skills: 'A B' isn't a skill's name; `threadwork skills` lists them."),
        ("model: [a]", "'x.md', model: Write it as text, in quotes if it's a number or a date."),
        ("model: gpt 5", "'x.md', model: Write litellm's name of one model, like `openai/gpt-5`."),
        ("effort: hgh", "'x.md', effort: 'hgh' isn't an effort. Use none, low, medium, high."),
        ("limits: 5", "'x.md', limits: Write it like `limits: {turns: 40, cost: 2.5, tokens: 500000}`."),
        ("limits: {turn: 5}", "'x.md', limits: There's no 'turn' here. Did you mean 'turns'?"),
        ("limits: {turns: 201}", "'x.md', limits.turns: It has to be a whole number from 1 to 200."),
        ("limits: {cost: .inf}", "'x.md', limits.cost: It has to be a number of US dollars from 0.01 to 10,000."),
        ("limits: {tokens: true}", "'x.md', limits.tokens: It has to be a whole number from 1,000 to 1,000,000,000."),
        ("policy: {allow: [spend]}", "'x.md', policy.allow: A policy can only be stricter than the settings: use ask "
         "and deny."),
        ("policy: {ask: [netwrk-send]}", "'x.md', policy.ask: 'netwrk-send' isn't an effect, a tool that policies are "
         "about, or a host. Did you mean 'network-send'?"),
        ("policy: {deny: 7}", "'x.md', policy.deny: Write it as a list, like `[run_python, network-send]`."),
        ("policy: {deny: [" + "a.test, " * 61 + "]}", "'x.md', policy: It can have at most 60 entries. Use "
         "`*.example.com` for hosts."),
        ("policy: [ask]", "'x.md', policy: Write it like `policy: {ask: [run_python], deny: [network-send]}`."),
        ("for: {chanels: [a]}", "'x.md', for: There's no 'chanels' here. Did you mean 'channels'?"),
        ("for: {teams: 5}", "'x.md', for.teams: Write it as a list of names, like `[files, web_search]`."),
        ("model: a\nmodel: b", "'x.md': 'model' is there twice. Keep one of them."),
        ("model: a: b", "'x.md': The settings aren't valid YAML in line 5 (mapping values are not allowed in this "
         "context). Quote text with a colon."),
        ("model: " + "[" * 200, "'x.md': The settings are nested too deep. Write each as `key: value`."),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence_with_file_key_and_the_way_out(more: str, sentence: str) -> None:
    assert told(LEAST.format(more)) == [sentence]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("just words", "'x.md': It doesn't begin with settings. Write them between two --- lines, and the prompt after "
         "the second."),
        ("---\nname: x\n", "'x.md': It doesn't begin with settings. Write them between two --- lines, and the prompt "
         "after the second."),
        ("---\n- a\n---\nDo.", "'x.md': The settings have to be lines such as `name: translator`."),
        ("x" * (MOST_FILE + 1), "'x.md': The file has 64,001 bytes, and 64,000 are allowed. Shorten the prompt."),
    ],
)  # fmt: skip
def test_a_file_without_settings_says_so(text: str, sentence: str) -> None:
    assert told(text) == [sentence]


def test_all_mistakes_are_told_at_once() -> None:
    text = "---\nname: My Agent\ndescription: ''\ntools: [filez, documnt_read]\neffort: max\n---\n"
    assert told(text) == [
        "'x.md', name: It needs 1 to 40 lower-case letters, digits, or hyphens, and starts with a letter, like "
        "`contract-reader`.",
        "'x.md', description: Say in a sentence what it does; the planner chooses by that.",
        "'x.md', tools: There's no tool or family 'filez'. Did you mean 'files'?",
        "'x.md', tools: There's no tool or family 'documnt_read'. Did you mean 'document_read'?",
        "'x.md', prompt: There's no prompt. After the settings, write what the agent does and how.",
        "'x.md', effort: 'max' isn't an effort. Use none, low, medium, high.",
    ]


def test_bytes_that_are_no_text_are_told() -> None:
    assert [one.words for one in read_agent(b"\xff\xfe\x00").mistakes] == [
        "The file isn't UTF-8 text. Save it as UTF-8."
    ]


def own(folder: Path, name: str, prompt: str = "Do x.", more: str = "", file: str = "") -> Path:
    path = folder / (file or f"{name}.md")
    path.write_text(f"---\nname: {name}\ndescription: Does {name}.\ntools: [files]\n{more}\n---\n{prompt}")
    return path


def test_ours_are_there_and_a_teams_file_of_the_same_name_replaces_one(tmp_path: Path) -> None:
    assert [c.name for c in load().colleagues] == ["analyst", "browser", "developer", "document"]
    own(tmp_path, "browser", "Be brief.")
    found = load(tmp_path)
    assert found.get("browser").prompt == "Be brief."
    assert [c.name for c in found.colleagues] == ["analyst", "developer", "document", "browser"]


def test_a_broken_file_stops_nothing_and_its_agent_says_why(tmp_path: Path) -> None:
    own(tmp_path, "good")
    own(tmp_path, "bad", more="effort: max")
    (tmp_path / "junk.md").write_bytes(b"\xff\x00")
    (tmp_path / "folder.md").mkdir()
    (tmp_path / "README.md").write_text("Our agents.")
    os.mkfifo(tmp_path / "pipe.md")
    found = load(tmp_path)
    assert found.get("good").prompt == "Do x."
    assert [(one.name, one.path.name) for one in found.broken] == [("bad", "bad.md"), ("junk", "junk.md")]
    with pytest.raises(NotFound) as caught:
        found.get("bad")
    assert str(caught.value) == (
        "The agent 'bad' can't be used, because its file has mistakes ('bad.md', effort: 'max' isn't an effort. Use "
        "none, low, medium, high). Correct it and press Retry, or edit the plan and choose one of analyst, browser, "
        "developer, document, good."
    )


def test_two_files_with_one_name_are_told(tmp_path: Path) -> None:
    own(tmp_path, "one", file="a.md")
    own(tmp_path, "one", "Other.", file="b.md")
    found = load(tmp_path)
    assert found.get("one").prompt == "Do x."
    assert [s for one in found.broken for s in one.sentences] == [
        "'b.md', name: 'one' is already the name of the agent in 'a.md'. Choose another."
    ]


def test_a_changed_file_counts_at_the_next_look_and_earlier_ones_are_kept(tmp_path: Path) -> None:
    roster = Roster(tmp_path / "agents", keeps=True)
    assert len(roster.look().colleagues) == 4
    (tmp_path / "agents").mkdir()
    path = own(tmp_path / "agents", "one", "First.")
    first = path.read_bytes()
    assert edition(roster) == ("First.", "one 1")
    own(tmp_path / "agents", "one", "Second.")
    assert edition(roster) == ("Second.", "one 2")
    path.write_bytes(first)
    assert edition(roster) == ("First.", "one 1")
    assert [one.number for one in kept_versions(tmp_path / "agents", "one")] == [2, 1]
    path.unlink()
    with pytest.raises(NotFound, match="no longer on the roster"):
        roster.look().get("one")


def edition(roster: Roster) -> tuple[str, str]:
    found = roster.look().get("one")
    assert found.edition is not None
    return found.prompt, found.edition.words


def test_what_comes_before_a_version_is_found_also_for_an_edited_file(tmp_path: Path) -> None:
    roster = Roster(tmp_path, keeps=True)
    contents = list[bytes]()
    for words in ("First.", "Second."):
        contents.append(own(tmp_path, "one", words).read_bytes())
        roster.look()
    assert before(tmp_path, "one", contents[0]) is None
    found = [before(tmp_path, "one", content) for content in (contents[1], b"edited")]
    assert [one and one.number for one in found] == [1, 2]


def test_a_name_that_leads_elsewhere_has_no_versions(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "1.md").write_text("x")
    assert kept_versions(tmp_path / "agents", "../../other") == []


async def test_an_agent_for_some_channels_is_offered_only_there(tmp_path: Path) -> None:
    own(tmp_path, "sales", more='for: {channels: ["slack:T1/C1"], people: ["slack:T1/U1"]}')
    roster = Roster(tmp_path)

    async def offered(channel: str, person: str) -> bool:
        place = Place(platform="slack", channel=channel, thread="1")
        request = Request(text="x", by=Person(id=PersonId(person), name="Ada"), place=place)
        return "sales" in [row.name for row in await roster.rows(request)]

    assert await offered("T1/C1", "slack:T1/U1")
    assert not await offered("T1/C2", "slack:T1/U1")
    assert not await offered("T1/C1", "slack:T1/U2")
    assert "sales" not in [row.name for row in await roster.rows()]


def test_a_policy_speaks_in_whole_sentences() -> None:
    agent = read_agent(WHOLE.encode()).agent
    assert agent is not None
    assert [rule.why for rule in agent.policy] == [
        "this agent's policy says that it has to ask first (run_python)",
        "this agent's policy says that it has to ask first (*.example.com)",
        "it sends data to the network, and this agent's policy says it may not do that",
        "it uses a team login (created on first use), and this agent's policy says it may not do that",
    ]
    assert all(isinstance(rule, Rule) for rule in agent.policy)
