"""The rules for macOS, as text: what they let through, and that no path can add to them."""

from pathlib import Path

import pytest

from agents.sandbox.seatbelt import profile
from orchestrator.errors import ToolFailed


def test_everything_is_denied_but_what_is_named() -> None:
    rules = profile(reads=[Path("/team/papers")], writes=[Path("/home/x/work")]).splitlines()
    assert rules[:2] == ["(version 1)", "(deny default)"]
    assert rules[-1] == "(deny network*)"
    writes = [rule for rule in rules if rule.startswith("(allow file-write*")]
    assert writes[1:] == ['(allow file-write* (subpath "/home/x/work"))']
    assert "/team/papers" not in "".join(writes)
    (looks,) = [rule for rule in rules if "metadata" in rule]
    assert looks == '(allow file-read-metadata (literal "/") (literal "/home") (literal "/home/x") (literal "/team"))'
    rules.remove(looks)
    assert not any('"/Users"' in rule or '"/home"' in rule or 'subpath "/")' in rule for rule in rules)


def test_a_folders_name_cannot_add_a_rule() -> None:
    nasty = Path('/w/") (allow network*) (subpath "\\')
    rules = profile(reads=[], writes=[nasty])
    assert '(subpath "/w/\\") (allow network*) (subpath \\"\\\\")' in rules
    with pytest.raises(ToolFailed, match="control character"):
        profile(reads=[Path("/a\n(allow default)")], writes=[])
