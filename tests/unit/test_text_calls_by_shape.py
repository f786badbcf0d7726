"""Calls in marks that nobody listed, or in none: read by their shape; answers that talk of calls stay answers."""

import contextlib
import json

import pytest

from agents.models.text_call_forms import Unclear
from agents.models.text_calls import read
from tests.unit.test_text_calls import TOOLS
from tests.unit.test_visible_text import moments

ARGS = '"path": "a.txt"'
JSON = '{"name": "read_file", "arguments": {' + ARGS + "}}"
PYTHON = 'read_file(path="a.txt")'
AROUND = {
    "tag": "<{name}>{core}</{name}>",
    "tag on its own lines": "<{name}>\n{core}\n</{name}>",
    "tag with a colon": "<vendor:{name}>{core}</vendor:{name}>",
    "tag never closed": "<{name}>\n{core}",
    "special token": "<|{name}_start|>{core}<|{name}_end|>",
    "special token never closed": "<|{name}|>{core}",
    "half a token": "<|{name}>{core}<{name}|>",
    "square brackets": "[{upper}]\n{core}\n[/{upper}]",
    "square brackets with an end": "[{upper}] {core} [END_{upper}]",
    "words first": "I open the file.\n\n<|{name}|>{core}",
    "thought first": "<|{name}_start|>\n```json\n{core}\n```\n<|{name}_end|>",
}
NAMES = ("tool_call", "TOOLCALL", "tools", "function_call", "tool_code", "plugin", "execute", "action")
CORES = {
    "JSON": JSON,
    "parameters": JSON.replace("arguments", "parameters"),
    "a list": f"[{JSON}]",
    "Python's quotes": "{'name': 'read_file', 'arguments': {'path': 'a.txt'}}",
    "arguments by name": '[{"read_file": {"path": "a.txt"}}]',
    "Python": PYTHON,
    "a list in Python": f"[{PYTHON}]",
    "printed": f"print(default_api.{PYTHON})",
    "one dictionary": 'read_file({"path": "a.txt"})',
    "tokens as quotes": 'call:read_file{path:<|"|>a.txt<|"|>}',
    "escapes as quotes": "call:read_file{path:<escape>a.txt<escape>}",
    "own tag": "<read_file>\n<path>a.txt</path>\n</read_file>",
    "attributes": '<read_file path="a.txt"/>',
    "name in an attribute": '<invoke name="read_file"><arg name="path">a.txt</arg></invoke>',
    "name in a tag": "<name>read_file</name><arguments>{" + ARGS + "}</arguments>",
}


@pytest.mark.parametrize("core", CORES.values(), ids=CORES)
@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_a_call_is_read_in_any_marks(around: str, core: str) -> None:
    for name in NAMES:
        upper = "".join(c for c in name.upper() if c.isalpha() or c == "_")
        text = around.replace("{name}", name).replace("{upper}", upper).replace("{core}", core)
        found = read(text, TOOLS)
        assert [(c.tool, c.args) for c in found.calls] == [("read_file", {"path": "a.txt"})], text
        assert found.text in ("", "I open the file.")


ALONE = {
    "words, then JSON": (f"Now I read it.\n{JSON}", "Now I read it."),
    "words, then Python": (f"Now I read it.\n\n{PYTHON}", "Now I read it."),
    "assigned": (f"text = {PYTHON}", ""),
    "a word before a list": (f"functools[{JSON}]", ""),
    "an action in a fence": (f"Action: ```json\n[{JSON}]```", ""),
    "a label and a fence": ("**Tool call:** `read_file`\n```json\n{" + ARGS + "}\n```", ""),
    "labels": ("Tool: read_file\nArguments: {" + ARGS + "}", ""),
    "bold labels": ("**Action:** read_file\n**Action Input:** {" + ARGS + "}", ""),
    "a recipient": ("to=functions.read_file json\n{" + ARGS + "}", ""),
    "glued": ("read_file{" + ARGS + "}", ""),
    "its own line": ("read_file\n{" + ARGS + "}", ""),
    "in words": ("I'll call read_file with {" + ARGS + "}", ""),
    "its own tag": ("I open it.\n<read_file>\n<path>a.txt</path>\n</read_file>", "I open it."),
    "a recipient's name": ('{"recipient_name": "functions.read_file", "parameters": {' + ARGS + "}}", ""),
}


@pytest.mark.parametrize(("text", "rest"), ALONE.values(), ids=ALONE)
def test_a_call_is_read_without_marks(text: str, rest: str) -> None:
    found = read(text, TOOLS)
    assert [(c.tool, c.args) for c in found.calls] == [("read_file", {"path": "a.txt"})]
    assert found.text == rest


@pytest.mark.parametrize(
    "text",
    [
        f"<function_call>{JSON}</function_call>\nNow I wait.",
        f"{JSON}\nI will wait for the result.",
        f"For example: <function_call>{JSON}</function_call>",
        f"I would call it like this:\n{PYTHON}",
        f"Let me read it. {JSON}",
        f"1. {JSON}",
        f"{{{{tool}}}} {JSON}",
        f"\u25c1tool\u25b7{JSON}\u25c1/tool\u25b7",
        f"\U0001f527 {PYTHON}",
        'read_file("a.txt")',
        'read_file(path="a.t',
        'read_file path="a.txt"',
        "<read_file>\n<path>a.txt",
        '<function_call>{"name": "read_file", "arg',
        "<tool_code>\nopen_it(x=1)\n</tool_code>",
        "```tool_code\nx = open_it(1)\nprint(x)\n```",
        "Action: read_file\nAction Input: a.txt",
        '{"tool": "read_file", "path": "a.txt"}',
        '{"read_file": {"path": "a.txt"}}',
    ],
)
def test_what_has_the_shape_of_a_call_but_can_not_be_run_exactly_is_asked_for_again(text: str) -> None:
    with pytest.raises(Unclear):
        read(text, TOOLS)


def test_a_call_of_an_unknown_tool_in_a_mark_for_calls_is_a_call() -> None:
    (call,) = read('<TOOLCALL>[{"name": "open_it", "arguments": {}}]</TOOLCALL>', TOOLS).calls
    assert call.tool == "open_it"


WORDY = {*TOOLS, "search", "answer", "run"}
ANSWERS = (
    "Here is the code:\n```python\nfor p in paths:\n    read_file(path=p)\n```",
    'Here is the code:\n```python\ntext = read_file("a.txt")\nprint(text)\n```\nIt prints the file.',
    'The settings are:\n```json\n{"name": "search", "type": "button"}\n```',
    '{"name": "search", "type": "button"}',
    '{"search": {"q": "x"}, "answer": 42}',
    '{"answer": 42}',
    '{"answer": {"total": 42}}',
    '{"read_file": "done", "total": 3}',
    'The result:\n{"answer": 42}',
    'The result:\n[{"name": "Ada", "answer": 1}, {"name": "Bob", "answer": 2}]',
    '`read_file(path="a.txt")` reads a file.',
    'Use `read_file(path="a.txt")`',
    'The tool `read_file` takes:\n```json\n{"path": "data/b.csv"}\n```',
    '`read_file` takes:\n```json\n{"path": "data/b.csv"}\n```\nand `write_file` takes more.',
    "Everything is in report.xlsx; list_files() shows it.",
    "list_files() shows everything.",
    "I used read_file and list_files. The total is 42.",
    "- read_file: reads a file\n- write_file: writes one",
    "Tools used: read_file, list_files",
    "Tool: read_file\nResult: 42",
    "Search (see below) found nothing.",
    "search(x) is a function of x.",
    "Answer: 42",
    "**Answer:** 42",
    "# Answer\n\n42 {EUR}",
    "Answer: {42}",
    "answer: [42]",
    "<details><summary>Search</summary>42</details>",
    "<answer>42</answer>",
    "<p>The total is <b>42</b>.</p>",
    '<html>\n<search>\n<input name="q">\n</search>\n</html>',
    "The XML is:\n```xml\n<read_file><path>a</path></read_file>\n```",
    "Function: f(x) = {x}",
    "Action: call the supplier\nReason: the price is open.",
    "Name: read_file\nSize: {3}",
    "Use the form at [LINK] to search {terms}.",
    "[NOTE] The total is 42.",
    "Run {the script} first.",
    "run {x}",
    "I will use the search with {terms} in it. Total 42.",
    'x = {"a": 1}',
    'name = [{"a": 1}]',
    'data = [{"name": "search"}]',
    'rows[{"name": 3}]',
    "Now search for it: nothing found (see [1]).",
    "For details, run(fast).",
    "| tool | call |\n| read_file | (path) |",
    "Tool call: none was needed.",
    "function search(q) {\n  return 1;\n}",
    "def search(q):\n    return q(1)",
    'The totals:\n{"answer": {"total": 42}, "unit": "EUR"}',
    'The call was:\n```json\n{"name": "read_file", "arguments": {"path": "a.txt"}}\n```\nIt returned 42 rows.',
    '> {"name": "read_file", "arguments": {"path": "a.txt"}}',
    "The log has \"read_file(path='a.txt')\".",
    "I opened <read_file> and it said 42.",
    'Search\n{"total": 42}',
    '## Search\n\n```json\n{"total": 42}\n```',
    'Answer:\n{"total": 42}',
    'Answer:\n```json\n{"total": 42}\n```',
    '**Answer**\n```json\n{"total": 42}\n```',
    'Name: search\n```json\n{"total": 42}\n```',
)


@pytest.mark.parametrize("text", ANSWERS)
def test_an_answer_that_talks_of_calls_or_is_other_data_stays_an_answer(text: str) -> None:
    assert read(text, WORDY) == (text, ())


@pytest.mark.parametrize(
    "value", [42, "read_file", [1], {"total": 42}, {"read_file": 1}, [{"name": "read_file"}], None]
)
def test_no_other_json_is_a_call_in_any_marks(value: object) -> None:
    data = json.dumps({"name": "Ada", "total": 42, "value": value})
    for text in (data, f"[{data}]", f"<data>{data}</data>", f"The result is:\n{data}", f"```json\n{data}\n```"):
        assert read(text, TOOLS) == (text, ())


@pytest.mark.parametrize("text", [text for kind, (text, _) in ALONE.items() if kind not in ("assigned", "in words")])
def test_no_moment_shows_a_part_of_a_call_without_marks(text: str) -> None:
    final = read(text, TOOLS).text
    assert all(final.startswith(seen) for seen in moments(text)), max(moments(text), key=len)


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
@pytest.mark.parametrize("core", [JSON, PYTHON])
def test_no_moment_shows_a_part_of_a_call_in_marks(around: str, core: str) -> None:
    text = around.replace("{name}", "tool_call").replace("{upper}", "TOOL_CALL").replace("{core}", core)
    final = read(text, TOOLS).text
    assert all(final.startswith(seen) for seen in moments(text)), max(moments(text), key=len)


PIECES = (
    "Action: ", "```\n", "[", "[\n", "print(", "<tool", "<a>", "<|a|>", " ", "{", '{"', "read_file(", "read_file{",
    "a.", "\nread_file(\n", "a", "<read_file>", "'", '"', "`", "Tool call: ", '{"name": "read_file", ',
    f"{JSON}\n", "{}\n",
)  # fmt: skip


@pytest.mark.parametrize("piece", PIECES)
def test_no_long_reply_takes_long_to_read(piece: str) -> None:
    with contextlib.suppress(Unclear):
        read(f"{piece * 20_000}x", TOOLS)
