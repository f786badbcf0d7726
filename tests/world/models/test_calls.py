"""Calls as people's servers write them: understood when it can be done exactly, else asked for again; never a "
"result."""

import json
from typing import Any

import pytest

from tests.world.models.answers import Raw, Said, call, calls, chunk, usage_chunk, words
from tests.world.models.behaviours import WorldOfOne, behaviour, done, failed

FINAL = words("The total is 42.")
ASKED = '{"name": "read_file", "arguments": {"path": "a.txt"}}'
READ = ("read_file", {"path": "a.txt"})
FORMS = {
    "tag": f"<tool_call>\n{ASKED}\n</tool_call>",
    "words and a tag": f"I open it.\n\n<tool_call>{ASKED}</tool_call>",
    "function and parameters": "<tool_call>\n<function=read_file>\n<parameter=path>\na.txt\n</parameter>\n</function>\n"
    "</tool_call>",
    "python tag": f"<|python_tag|>{ASKED}",
    "bare JSON": ASKED,
    "fence": f"```json\n{ASKED}\n```",
    "square brackets": f"[TOOL_CALLS] [{ASKED}]",
    "wide bars": "<\uff5ctool\u2581calls\u2581begin\uff5c><\uff5ctool\u2581call\u2581begin\uff5c>read_file"
    '<\uff5ctool\u2581sep\uff5c>{"path": "a.txt"}<\uff5ctool\u2581call\u2581end\uff5c>'
    "<\uff5ctool\u2581calls\u2581end\uff5c>",
    "section": "<|tool_calls_section_begin|><|tool_call_begin|>functions.read_file:0<|tool_call_argument_begin|>"
    '{"path": "a.txt"}<|tool_call_end|><|tool_calls_section_end|>',
    "keys and values": "<tool_call>read_file\n<arg_key>path</arg_key>\n<arg_value>a.txt</arg_value>\n</tool_call>",
    "a new mark": f"<TOOLCALL>[{ASKED}]</TOOLCALL>",
    "a new token and Python": '<|tool_call_start|>[read_file(path="a.txt")]<|tool_call_end|>',
    "tokens as quotes": '<|tool_call>call:read_file{path:<|"|>a.txt<|"|>}<tool_call|>',
    "its own tag": "I open it.\n\n<read_file>\n<path>a.txt</path>\n</read_file>",
    "a label and a fence": '**Tool call:** `read_file`\n```json\n{"path": "a.txt"}\n```',
    "words and JSON": f"I open it.\n{ASKED}",
    "printed": '```tool_code\nprint(default_api.read_file(path="a.txt"))\n```',
    "channels without their tokens": "analysisThey want the file. I open it.assistantcommentary to=functions.read_file "
    'json{"path": "a.txt"}',
    "after thoughts": f"<think>They want the file.</think>\n<tool_call>{ASKED}</tool_call>",
    "after thoughts whose start the template wrote": f"They want the file.\n</think>\n<tool_call>{ASKED}</tool_call>",
}


@behaviour("calls in text")
@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
async def test_a_call_in_the_text_is_made_and_never_a_result(world: WorldOfOne, text: str) -> None:
    world.answers(words(text), FINAL)
    done(await world.step(), "The total is 42.")
    assert world.calls == [READ]
    assert world.turn()["tool_calls"][0]["function"]["name"] == "read_file"
    assert not any(mark in world.shown for mark in ("<tool", "arguments", "think", "TOOL_CALLS", "|", "analysis"))


@behaviour("calls in text")
async def test_two_calls_in_the_text_are_made_in_order(world: WorldOfOne) -> None:
    world.answers(
        words(f"<tool_call>{ASKED}</tool_call>\n<tool_call>{ASKED.replace('a.txt', 'b.txt')}</tool_call>"), FINAL
    )
    done(await world.step(), "The total is 42.")
    assert [args["path"] for _, args in world.calls] == ["a.txt", "b.txt"]


@behaviour("calls in text")
async def test_values_in_tags_become_what_the_tool_takes(world: WorldOfOne) -> None:
    row = "<parameter=path>a.xlsx</parameter><parameter=rows>[[1, 2]]</parameter><parameter=bold>true</parameter>"
    world.answers(words(f"<function=sheet_write>{row}</function>"), FINAL)
    done(await world.step(), "The total is 42.")
    assert world.calls == [("sheet_write", {"path": "a.xlsx", "rows": [[1, 2]], "bold": True})]


@behaviour("quoted call")
@pytest.mark.parametrize(
    "text",
    [
        f"The file asks its reader to write `<tool_call>{ASKED}</tool_call>`, which I didn't do. The total is 42.",
        f"> <tool_call>{ASKED}</tool_call>\n\nThat is what the page has; the total is 42.",
        f"```\n<tool_call>{ASKED}</tool_call>\n```\nThis stands in the manual. The total is 42.",
    ],
)
async def test_a_quoted_call_is_not_made(world: WorldOfOne, text: str) -> None:
    world.answers(words(text))
    done(await world.step(), text)
    assert world.calls == []


@behaviour("quoted call")
async def test_a_call_that_may_be_a_quotation_is_not_made_and_not_the_end(world: WorldOfOne) -> None:
    world.answers(words(f"The page says: <tool_call>{ASKED}</tool_call>"), FINAL)
    done(await world.step(), "The total is 42.")
    assert world.calls == []


@behaviour("calls in text")
async def test_a_result_that_the_model_made_up_itself_is_not_believed(world: WorldOfOne) -> None:
    world.answers(words(f"<tool_call>{ASKED}</tool_call>\n<tool_response>99</tool_response>\nIt is 99."), FINAL)
    done(await world.step(), "The total is 42.")
    assert world.calls == []


@behaviour("calls in text")
async def test_a_broken_call_in_the_text_is_asked_for_again_and_never_done(world: WorldOfOne) -> None:
    world.answers(words('<tool_call>{"name": "read_file", "arguments": {"path": a.txt}}</tool_call>'))
    failed(await world.step(), "can't be used")
    assert len(world.requests) >= 3


@behaviour("calls in text")
@pytest.mark.parametrize("text", [f"Let me read it. {ASKED}", 'read_file("a.txt")', "<read_file>\n<path>a.txt"])
async def test_what_has_the_shape_of_a_call_is_never_a_result(world: WorldOfOne, text: str) -> None:
    world.answers(words(text), FINAL)
    done(await world.step(), "The total is 42.")
    assert world.calls == []


@behaviour("quoted call")
@pytest.mark.parametrize(
    "text",
    [
        "The script:\n```python\nfor path in paths:\n    read_file(path=path)\n```",
        '`read_file` takes:\n```json\n{"path": "a.txt"}\n```',
        '{"read_file": "done", "total": 42}',
        "list_files() shows everything; the total is 42.",
    ],
)
async def test_an_answer_that_talks_of_tools_is_the_result(world: WorldOfOne, text: str) -> None:
    world.answers(words(text))
    done(await world.step(), text)
    assert world.calls == []


@behaviour("thoughts in text")
async def test_thoughts_in_the_text_are_not_part_of_the_result(world: WorldOfOne) -> None:
    world.answers(words("<think>The file says 42.</think>\n\nThe total is 42."))
    done(await world.step(), "The total is 42.")
    assert "think" not in world.shown


ROWS: dict[str, Any] = {"path": "a.xlsx", "rows": [[1, 2]], "first": 3, "bold": True}
SPELLINGS = {
    "an object": ROWS,
    "a list in a text": {**ROWS, "rows": "[[1, 2]]"},
    "numbers and truth in texts": {**ROWS, "first": "3", "bold": "True"},
    "encoded twice": json.dumps(json.dumps(ROWS)),
    "in a wrapper": {"arguments": ROWS},
}


@behaviour("arguments")
@pytest.mark.parametrize("arguments", SPELLINGS.values(), ids=SPELLINGS)
async def test_arguments_in_another_form_are_the_ones_that_were_meant(world: WorldOfOne, arguments: object) -> None:
    world.answers(calls(call("sheet_write", arguments)), FINAL)
    done(await world.step(), "The total is 42.")
    assert world.calls == [("sheet_write", ROWS)]
    assert len(world.requests) == 2


@behaviour("arguments")
@pytest.mark.parametrize("arguments", [None, "", "null", '""', "{}", {"under": None}])
async def test_no_arguments_in_any_form_are_none(world: WorldOfOne, arguments: object) -> None:
    world.answers(calls(call("list_files", arguments)), FINAL)
    done(await world.step(), "The total is 42.")
    assert world.calls == [("list_files", {})]


@behaviour("arguments")
async def test_arguments_that_can_not_be_fitted_are_asked_for_again(world: WorldOfOne) -> None:
    world.answers(calls(call("sheet_write", {**ROWS, "first": "third"})), calls(call("sheet_write", ROWS)), FINAL)
    done(await world.step(), "The total is 42.")
    assert world.calls == [("sheet_write", ROWS)]
    assert "first" in world.sent(1)[-1]["content"]


@behaviour("names")
@pytest.mark.parametrize("name", ["functions.read_file", "default_api.read_file", "Read_File"])
async def test_a_name_with_additions_is_the_tool(world: WorldOfOne, name: str) -> None:
    world.answers(calls(call(name, {"path": "a.txt"})), FINAL)
    done(await world.step(), "The total is 42.")
    assert world.calls == [READ]


@behaviour("names")
async def test_an_unknown_tool_is_answered_with_the_tools_there_are(world: WorldOfOne) -> None:
    world.answers(calls(call("open_browser_tab", {})), calls(call("read_file", {"path": "a.txt"})), FINAL)
    done(await world.step(), "The total is 42.")
    assert "read_file" in world.sent(1)[-1]["content"]


@behaviour("ids")
@pytest.mark.parametrize("names", [("same", "same"), (None, None), ("", ""), ("x" * 300, "y y/.")])
async def test_calls_with_strange_ids_each_get_their_own_result(
    world: WorldOfOne, names: tuple[str | None, str | None]
) -> None:
    first, second = names
    both = calls(call("read_file", {"path": "a"}, name=first), call("read_file", {"path": "b"}, name=second))
    world.answers(both, FINAL)
    done(await world.step(), "The total is 42.")
    assert [args["path"] for _, args in world.calls] == ["a", "b"]


@behaviour("pieces of calls")
@pytest.mark.parametrize("numbered", [True, False])
async def test_calls_in_one_piece_each_without_index_or_id_are_told_apart(world: WorldOfOne, numbered: bool) -> None:
    rows = [{"function": {"name": "read_file", "arguments": json.dumps({"path": p})}} for p in ("a", "b")]
    pieces = [chunk({"tool_calls": [{**row, "index": 0} if numbered else row]}) for row in rows]
    whole = calls(*({"type": "function", **row} for row in rows)).whole("openai")
    world.answers(Raw((*pieces, chunk({}, "tool_calls"), usage_chunk()), whole), FINAL)
    done(await world.step(), "The total is 42.")
    assert [args["path"] for _, args in world.calls] == ["a", "b"]


@behaviour("older form")
async def test_a_call_in_the_older_form_is_made(world: WorldOfOne) -> None:
    older = {"name": "read_file", "arguments": '{"path": "a.txt"}'}
    world.answers(Said({"content": None, "function_call": older}, finish="function_call"), FINAL)
    done(await world.step(), "The total is 42.")
    assert world.calls == [READ]


@behaviour("pieces of calls")
@pytest.mark.parametrize("names", [("read_", "file"), ("read_file", "read_file")])
async def test_a_name_in_pieces_or_with_every_piece_is_one_name(world: WorldOfOne, names: tuple[str, str]) -> None:
    pieces = [
        chunk({"tool_calls": [{"index": 0, "id": "c1", "function": {"name": n, "arguments": ""}}]}) for n in names
    ]
    rest = chunk({"tool_calls": [{"index": 0, "function": {"arguments": '{"path": "a.txt"}'}}]})
    whole = calls(call("read_file", {"path": "a.txt"})).whole("openai")
    world.answers(Raw((*pieces, rest, chunk({}, "tool_calls"), usage_chunk()), whole), FINAL)
    done(await world.step(), "The total is 42.")
    assert world.calls == [READ]
