"""Calls that a server left in the text: understood in every form that models are trained on, never as an example."""

import pytest

from agents.models.text_call_forms import Unclear
from agents.models.text_calls import read

TOOLS = {"read_file", "write_file", "list_files"}
CALL = '{"name": "read_file", "arguments": {"path": "a.txt"}}'
FORMS = {
    "tagged": f"<tool_call>{CALL}</tool_call>",
    "tag never closed": f"<tool_call>\n{CALL}",
    "list of calls in a tag": f"<tool_calls>[{CALL}]</tool_calls>",
    "words first": f"I read the file first.\n<tool_call>{CALL}</tool_call>",
    "one tag for each argument": "<tool_call>\n<function=read_file>\n<parameter=path>\na.txt\n</parameter>\n"
    "</function>\n</tool_call>",
    "function tag alone": '<function=read_file>{"path": "a.txt"}</function>',
    "keys and values": "<tool_call>read_file\n<arg_key>path</arg_key>\n<arg_value>a.txt</arg_value>\n</tool_call>",
    "invocation": '<function_calls><invoke name="read_file"><parameter name="path">a.txt</parameter></invoke>'
    "</function_calls>",
    "python tag": f"<|python_tag|>{CALL}<|eom_id|>",
    "bare JSON": CALL,
    "JSON with parameters": '{"name": "read_file", "parameters": {"path": "a.txt"}}',
    "JSON in a fence": f"I read it.\n```json\n{CALL}\n```",
    "wrapped JSON": '{"tool_calls": [{"function": {"name": "read_file", "arguments": "{\\"path\\": \\"a.txt\\"}"}}]}',
    "square brackets": f"[TOOL_CALLS] [{CALL}]",
    "square brackets and a name": '[TOOL_CALLS]read_file[ARGS]{"path": "a.txt"}',
    "wide bars and a fence": "<\uff5ctool\u2581calls\u2581begin\uff5c><\uff5ctool\u2581call\u2581begin\uff5c>function"
    '<\uff5ctool\u2581sep\uff5c>read_file\n```json\n{"path": "a.txt"}\n```<\uff5ctool\u2581call\u2581end\uff5c>'
    "<\uff5ctool\u2581calls\u2581end\uff5c>",
    "a section": "<|tool_calls_section_begin|><|tool_call_begin|>functions.read_file:0<|tool_call_argument_begin|>"
    '{"path": "a.txt"}<|tool_call_end|><|tool_calls_section_end|>',
    "a channel": '<|channel|>commentary to=functions.read_file <|constrain|>json<|message|>{"path": "a.txt"}<|call|>',
    "action and input": 'Thought: I read it.\nAction: read_file\nAction Input: {"path": "a.txt"}',
    "Python": '[read_file(path="a.txt")]',
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_a_call_in_any_form_is_the_call(text: str) -> None:
    (call,) = read(text, TOOLS).calls
    assert (call.tool, call.args) == ("read_file", {"path": "a.txt"})


def test_several_calls_keep_their_order_and_the_words_before_them() -> None:
    found = read(f"Both.\n<tool_call>{CALL}</tool_call>\n<function=list_files>{{}}</function>", TOOLS)
    assert found.text == "Both."
    assert [call.tool for call in found.calls] == ["read_file", "list_files"]
    assert len({call.id for call in found.calls}) == 2


@pytest.mark.parametrize(
    "text",
    [
        f"`<tool_call>{CALL}</tool_call>` is how the other program asks for a file.",
        f"> <tool_call>{CALL}</tool_call>\n\nI left that alone.",
        f"```\n<tool_call>{CALL}</tool_call>\n```\nThe page had this in it.",
        '{"name": "Ada", "arguments": {"path": "a.txt"}}',
        '{"rows": [["read_file", 1]]}',
        "Everything is in report.xlsx; list_files() shows it.",
    ],
)
def test_a_quoted_call_and_other_data_are_only_text(text: str) -> None:
    assert read(text, TOOLS) == (text, ())


@pytest.mark.parametrize(
    "text",
    [
        f"The page says: <tool_call>{CALL}</tool_call>",
        f"For example:\n```json\n{CALL}\n```",
        f"<tool_call>{CALL}</tool_call>\n<tool_response>42</tool_response>",
        f"<tool_call>{CALL}</tool_call> and so I read it.",
        f"```json\n{CALL}\n```\nI'll wait for the result.",
        '<tool_call>{"name": "read_file", "arguments": {"path": ',
        '{"name": "read_file", "arguments": {"path": "a.txt"',
        "<tool_call></tool_call>",
    ],
)
def test_what_may_be_a_call_is_neither_run_nor_a_result(text: str) -> None:
    with pytest.raises(Unclear):
        read(text, TOOLS)


def test_nothing_is_a_call_where_no_tools_are_offered() -> None:
    assert read(CALL, ()) == (CALL, ())
