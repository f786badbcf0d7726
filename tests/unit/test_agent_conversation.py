"""The pure parts of an agent: well-formed text, results that fit an event, the roster."""

from pathlib import Path

import pytest

from agents.host.host_tools import known_specs
from agents.loop.calls import HUB_TOOLS, MOST_RESULT, fitting
from agents.roster.roster import load, parse
from orchestrator.domain.calls import CallResult
from orchestrator.errors import BadSettings

FAMILY = "---\nname: x\ndescription: d\ntools: [a]\nfamilies: "


@pytest.mark.parametrize("text", ["x" * 100_000, "語" * 40_000, '"\\\n' * 30_000])
def test_a_result_is_cut_until_its_json_fits_an_event(text: str) -> None:
    cut = fitting(CallResult(ok=True, text=text))
    assert len(cut.model_dump_json().encode()) < MOST_RESULT + 1000
    assert cut.text.endswith("[the rest was cut; read a smaller part]")


def test_the_shipped_roster_has_its_four_agents_and_a_users_file_replaces_ours(tmp_path: Path) -> None:
    assert [c.name for c in load().colleagues] == ["analyst", "browser", "developer", "document"]
    own = "---\nname: browser\ndescription: mine\ntools: [browser_open]\nmodel: m\n---\nBe brief.\n"
    (tmp_path / "b.md").write_text(own)
    assert load(tmp_path).get("browser").prompt == "Be brief."


def test_an_agents_file_lists_its_core_tools_and_its_families(tmp_path: Path) -> None:
    file = tmp_path / "mine.md"
    file.write_text(f"{FAMILY}{{slides: [b, c], pdf: [d]}}\n---\nBody")
    mine = parse(file)
    assert mine.tools == ("a",)
    assert mine.families == {"slides": ["b", "c"], "pdf": ["d"]}
    assert mine.every_tool == ("a", "b", "c", "d")


def test_every_shipped_family_has_tools_that_exist() -> None:
    known = {spec.name for specs in known_specs().values() for spec in specs} | {*HUB_TOOLS, "web_search"}
    assert [(c.name, {*c.every_tool} - known) for c in load().colleagues if not {*c.every_tool} <= known] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("no front matter", "front matter"),
        ("---\nname: X Y\ndescription: d\ntools: [a]\n---\nBody", "name"),
        ("---\nname: x\ndescription: d\ntools: [a]\nsurprise: 1\n---\nBody", "surprise"),
        ("---\nname: [\n---\nBody", "isn't valid"),
        (f"{FAMILY}{{Our Slides: [b]}}\n---\nBody", "families: write each as a name and its tools, like"),
        (f"{FAMILY}{{slides: []}}\n---\nBody", "families: write each as a name and its tools, like"),
        (f"{FAMILY}[b, c]\n---\nBody", "families: write each as a name and its tools, like"),
        (f"{FAMILY}{{one: b}}\n---\nBody", "families: write each as a name and its tools, like"),
        (f"{FAMILY}{{one: [a]}}\n---\nBody", "families: list 'a' in one place only"),
        (f"{FAMILY}{{one: [b], two: [b]}}\n---\nBody", "families: list 'b' in one place only"),
    ],
)
def test_a_roster_file_that_cannot_be_used_is_named(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.md"
    file.write_text(text)
    with pytest.raises(BadSettings, match=words) as caught:
        parse(file)
    assert "'mine.md'" in str(caught.value)
