"""A settings file is changed without touching what somebody else wrote there."""

import tomllib
from pathlib import Path

import pytest

from bot.terminal.change_settings_file import Values, change, changed
from orchestrator.errors import Refused


@pytest.mark.parametrize(
    ("before", "values", "after"),
    [
        ("", {"token": 'a"b'}, '[discord]\ntoken = "a\\"b"\n'),
        ("[web]\nport = 1 # x\n", {"token": "t"}, '[web]\nport = 1 # x\n\n[discord]\ntoken = "t"\n'),
        ('[discord]\ntoken = "old"\n\n[web]\n', {"token": "t"}, '[discord]\ntoken = "t"\n\n[web]\n'),
        ("[discord] # mine\n# why\n\n[web]\n", {"token": "t"}, '[discord] # mine\n# why\ntoken = "t"\n\n[web]\n'),
        ('[discord]\ntoken = "old"\napi_url = "u"\n', {"token": None}, '[discord]\napi_url = "u"\n'),
        ("", {"port": 0}, "[discord]\nport = 0\n"),
    ],
)
def test_only_the_named_values_change(before: str, values: Values, after: str) -> None:
    assert changed(before, "discord", values) == after


@pytest.mark.parametrize(
    "before",
    [
        'discord.token = "old"\n',
        'discord = { token = "old" }\n',
        '[discord]\ntoken = """old\n[web]\n"""\n',
        'discord = "what?"\n',
        "[discord\n",
    ],
)
def test_what_cannot_be_changed_safely_is_left_alone(tmp_path: Path, before: str) -> None:
    file = tmp_path / "threadwork.toml"
    file.write_text(before)
    with pytest.raises(Refused, match="by hand, or set THREADWORK_DISCORD__TOKEN instead"):
        change(file, {"discord": {"token": "t"}})
    assert file.read_text() == before


def test_a_header_within_a_text_is_no_section(tmp_path: Path) -> None:
    before = '[models]\ndefault = """\n[discord]\n"""\n'
    made = changed(before, "discord", {"token": "t"})
    assert made is None or tomllib.loads(made) == tomllib.loads(before) | {"discord": {"token": "t"}}


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.toml").write_text("")
    (tmp_path / "threadwork.toml").symlink_to(tmp_path / "real.toml")
    change(tmp_path / "threadwork.toml", {"discord": {"token": "t"}})
    assert tomllib.loads((tmp_path / "real.toml").read_text()) == {"discord": {"token": "t"}}
