"""Whom a mention of the bot speaks to, and when it only speaks about it."""

import pytest

from bot.own_mention import speaks_to, without_address


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("@threadwork compare these", "compare these"),
        ("@Threadwork: compare these", "compare these"),
        ("@threadwork, @threadwork compare these", "compare these"),
        ("hey @threadwork, compare these", "hey, compare these"),
        ("yes @threadwork start", "yes start"),
        ("thanks @threadwork!", "thanks!"),
        ("compare these @threadwork", "compare these"),
        ("compare these, @threadwork", "compare these"),
        ("can you compare these, @threadwork?", "can you compare these?"),
        ("compare these. cc @threadwork", "compare these."),
        ("could you and @threadwork compare these? cc @threadwork", "could you and @threadwork compare these?"),
        ("@Bob and @threadwork: who compares these?", "@Bob and @threadwork: who compares these?"),
        ("@threadwork and @Bob should compare these", "@threadwork and @Bob should compare these"),
        ("@threadwork and please be quick", "and please be quick"),
        ("@threadwork's table is wrong", "@threadwork's table is wrong"),
        ("what do people say about @threadwork?", "what do people say about @threadwork?"),
        ("> @threadwork compare these\nis that right?", "> @threadwork compare these\nis that right?"),
        ("write to a@threadwork.example", "write to a@threadwork.example"),
        ("@threadwork\n\n- one\n- two", "- one\n- two"),
        ("hello @threadwork", "hello"),
        ("@threadwork", ""),
    ],
)
def test_a_mention_is_left_out_only_where_it_says_whom_the_message_speaks_to(text: str, kept: str) -> None:
    assert without_address(text) == kept


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("@threadwork compare", True),
        ("> is that right?\n@threadwork compare", True),
        ("`code` and @threadwork", True),
        ("> @threadwork compare\ndid that ever work?", False),
        (">@threadwork compare", False),
        (">>> a\n@threadwork compare", False),
        ("just write `@threadwork compare`", False),
        ("just write\n```\n@threadwork compare\n```\nand it does", False),
        ("```\n@threadwork compare", False),
        (">50% of these are wrong, @threadwork", True),
        ("nobody is named", False),
    ],
)
def test_a_mention_in_a_quote_or_in_code_speaks_to_nobody(text: str, spoken: bool) -> None:
    assert speaks_to(text) is spoken
