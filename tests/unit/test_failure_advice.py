"""What a model reads after a command that did not work."""

from typing import Literal

import pytest

from agents.sandbox.call_grants import GrantRequest
from agents.sandbox.sandbox_interface import Ended
from agents.tools.shell.background_commands import told

CURL = "curl: (6) Could not resolve host: example.com"


@pytest.mark.parametrize(
    ("output", "code", "words"),
    [
        (CURL, 6, "There's no network here. Call again with domains=['host']"),
        ("socket.gaierror: [Errno -3] Temporary failure in name resolution", 1, "There's no network"),
        ("a='x'\nMemoryError", 1, "Process the data in parts"),
        ("/code/command: line 1: nosuch: command not found", 127, "'nosuch' isn't installed"),
        ("ModuleNotFoundError: No module named 'altair'", 1, "'altair' isn't installed"),
        ("line 1: 3 File size limit exceededhead -c 3000000000", 0, "A file reached the size limit"),
    ],
)
def test_a_failure_ends_with_the_next_step(output: str, code: int, words: str) -> None:
    assert words in told(Ended(code, output), GrantRequest()).text


@pytest.mark.parametrize(
    ("output", "code", "wanted"),
    [(CURL, 0, GrantRequest()), (CURL, 6, GrantRequest(["example.org"])), ("AssertionError", 1, GrantRequest())],
)
def test_nothing_is_added_where_it_would_not_help(output: str, code: int, wanted: GrantRequest) -> None:
    assert told(Ended(code, output), wanted).text.endswith(f"exit code {code}.")


@pytest.mark.parametrize(("why", "words"), [("seconds", "background=true"), ("disk", "Delete files")])
def test_a_limit_says_what_to_do(why: Literal["seconds", "disk"], words: str) -> None:
    assert words in told(Ended(-9, "", why, 3), GrantRequest()).text


def test_what_only_a_terminal_understands_is_left_out() -> None:
    output = "\x1b[1m\x1b[34m~ \x1b[2;1Hfoo\x1b]0;title\x07 bar\x1b[0m\ttab\nline\x1b=\x1b(B"
    assert told(Ended(0, output), GrantRequest()).text == "~ foo bar\ttab\nline\n\nIt ended with exit code 0."
