"""What models write in Markdown, in the dialect of each chat: laid out, never alive, cut at a sensible place."""

import re
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.cards.markdown import TABLE, gist, passages, within
from bot.cards.tool_call_wording import for_chat
from bot.discord.prose import prose as discord
from bot.discord.safe_text import units
from bot.slack.prose import prose as slack
from tests.slack_server import validate

REPORT = """## Prices

Northwind is **cheapest** at *$49*, see [its page](https://northwind.example/a_b).

1. First
   - nested
2. Second

> quoted

| Company | Price |
|---|---|
| Northwind | $49 |

```python
print("hi")
```
"""
nasty = st.sampled_from(["@everyone ", "<!channel>", "<@1>", "[x](https://evil.example)",
                         "![p](http://e.example/p.png)",
                         "**b** ", "`c`", "```", "||s||", "\n", "\n\n", "- a\n", "1. b\n", "> q\n", "# h\n",
                         "|a|b|\n|-|-|\n", "https://e.example ", "\x00", "\ud800", "~~s~~", "word. " * 40,
                         "é" * 900])  # fmt: skip
texts = st.lists(st.one_of(nasty, st.text(max_size=20)), max_size=25).map("".join)
QUIET = settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.generate),
                 suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])  # fmt: skip


def runs(block: Any) -> list[dict[str, Any]]:
    """Every run in Slack blocks."""
    if isinstance(block, list):
        return [run for part in cast("list[Any]", block) for run in runs(part)]
    inside: list[Any] | None = block.get("elements")
    return [block] if inside is None else runs(inside)


@QUIET
@given(texts, st.integers(200, 11_000))
def test_slack_takes_it_and_nothing_in_it_is_alive(text: str, most: int) -> None:
    blocks, left = slack(text, most, lead="❌ ")
    assert not blocks or validate.blocks(blocks, "message") == ("", [])
    assert {run["type"] for run in runs(blocks)} <= {"text"}
    assert sum(len(run["text"]) for run in runs(blocks)) <= most + 10
    assert left >= 0


@QUIET
@given(texts, st.integers(200, 3_900))
def test_discord_takes_it_and_nothing_outside_code_is_alive(text: str, most: int) -> None:
    made, _ = discord(text, most)
    assert units(made) <= most
    open_text = re.sub(r"(?s)```\n.*?\n```|(?<!\\)`[^`\n]*`", "", made)
    assert not re.search(r"(?<!\\)(@everyone|<@|<!|<#|\]\(|\|\||https?://)", open_text)


@pytest.mark.parametrize("draw", [slack, discord])
@given(text=texts)
@settings(parent=QUIET, max_examples=25)
def test_what_fits_is_not_cut(draw: Any, text: str) -> None:
    assert draw(text, 200_000)[1] == 0


def test_discord_reads_it_in_its_own_dialect() -> None:
    made, _ = discord(REPORT, 3_900)
    assert made.startswith("### Prices\nNorthwind is **cheapest** at *$49*, see its page (https\\://northwind.example")
    assert "\n1. First\n  - nested\n2. Second\n\n> quoted\n```\nCompany    Price\n" in made
    assert "|---" not in made


def test_slack_reads_it_as_rich_text() -> None:
    (block,), _ = slack(REPORT, 11_000)
    kinds = [part["type"].removeprefix("rich_text_") for part in block["elements"]]
    assert kinds == ["section", "list", "list", "list", "quote", "preformatted", "preformatted"]
    assert [part.get("indent") for part in block["elements"][1:4]] == [0, 1, 0]
    assert block["elements"][3]["offset"] == 1


def test_a_table_too_wide_for_a_phone_is_a_list_of_its_rows() -> None:
    wide = f"| Company | Note |\n|---|---|\n| Northwind | {'x' * TABLE} |"
    assert discord(wide, 3_900)[0] == f"- **Northwind** · Note: {'x' * TABLE}"


def test_columns_of_wide_letters_stay_aligned() -> None:
    (table,) = passages("| a | b |\n|---|---|\n| 名前 | 1 |\n| x | 2 |")
    assert table.text.splitlines()[2:] == ["名前  1", "x     2"]


def test_a_long_text_is_cut_after_a_sentence() -> None:
    text = "One sentence of some length stands here. Another one follows it, and it is far too long to be shown."
    kept, left = within(passages(text), 60, lambda p: len(p.text))
    assert kept[0].text == "One sentence of some length stands here.…"
    assert left == len(text) - len(kept[0].text) + 1


def test_words_with_marks_that_are_no_markdown_stay() -> None:
    assert passages("a_b_c costs 2*3 = 6, C:\\new <b>")[0].text == "a_b_c costs 2*3 = 6, C:\\new <b>"


def test_a_command_of_the_terminal_is_not_told_to_people_in_a_chat_as_theirs() -> None:
    assert for_chat("There's no task 't'; `threadwork tasks` lists them.").endswith("say `tasks` to see yours.")
    assert "for the person who runs threadwork" in for_chat("To let a real model work, run `threadwork init`.")
    assert for_chat("Press `Start`.") == "Press `Start`."


def test_the_gist_is_the_first_paragraph() -> None:
    assert gist("# Result\n\nAll is **well**.\nReally.\n\n| a |\n|---|\n", 90) == "All is well. Really."
    assert gist("x" * 50, 20) == "x" * 19 + "…"


def test_slack_shows_no_text_that_runs_backwards() -> None:
    blocks, _ = slack("abc \u202egpj.exe", 900)
    assert "".join(run["text"] for run in runs(blocks)) == "abc gpj.exe"
