"""Hides passwords and keys in what models wrote, before people see it: a thread has more readers than the file that a
model took them from. Pure.

Only what has the form of a well-known credential is found. Agents keep the whole text, and files stay as they are.
"""

import re
from datetime import datetime
from functools import cache, lru_cache
from operator import is_not
from typing import TypeVar, cast

from bot.cards.tool_call_wording import DOTS
from orchestrator.domain.base_value import Value
from orchestrator.domain.people import FileRef

_PREFIXES = (
    r"sk-(?:ant-|proj-|or-|lf-)?", r"(?:sk|rk|pk)_(?:live|test)_", r"xox[abeprs]-", r"xapp-", r"gh[opsur]_",
    r"github_pat_", r"glpat-", r"npm_", r"pypi-", r"hf_", r"dop_v1_", r"ya29\.", r"AIza", r"SG\.",
)  # fmt: skip
_PREFIX = rf"\b(?:{'|'.join(_PREFIXES)})"
_FOUND = (
    rf"(?P<keep>{_PREFIX})(?=[\w.-]*\d)[\w.-]{{16,}}",
    r"(?P<keep2>\b(?:AKIA|ASIA))[A-Z0-9]{16}\b",
    r"(?P<keep3>\beyJ)[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}",
    r"(?P<keep4>\b[MNO])[\w-]{23,25}\.[\w-]{6}\.[\w-]{27,}",
    r"(?P<keep5>-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    r"(?P<keep6>\b[a-z][a-z0-9+.-]*://[^\s:/@]+:)[^\s/@]+(?=@)",
    r"(?P<keep7>\bhooks\.slack\.com/services/)[\w/]{20,}",
    r"(?P<keep8>\bdiscord(?:app)?\.com/api/webhooks/\d+/)[\w-]{20,}",
    r"(?P<keep9>\b[Bb]earer )(?=[\w.~+/-]*\d)[\w.~+/-]{20,}",
)
_SECRET = re.compile("|".join(_FOUND), re.DOTALL)
_BEGUN = re.compile(rf"(?:{_PREFIX}|\b(?:AKIA|ASIA|eyJ)|[Bb]earer )[\w.-]*\Z")
"""The beginning of one, at the end of a text that is still being written."""
_NAMES = frozenset(("id", "task", "ref", "verb", "page", "link", "url", "sha", "step", "subtask"))
"""Fields of cards that are no text."""
_PLAIN = frozenset((int, float, bool, type(None), datetime))
T = TypeVar("T")


@lru_cache(maxsize=4_096)
def without_secrets(text: str, *, growing: bool = False) -> str:
    """Returns the text with dots in place of each secret. `growing`: more of it comes, perhaps in the middle of one."""
    clean = _SECRET.sub(lambda found: f"{next(one for one in found.groups() if one)}{DOTS}", text)
    return _BEGUN.sub(DOTS, clean) if growing else clean


def all_without_secrets(value: T) -> T:
    """Returns the value with `without_secrets` applied to each of its texts."""
    return cast(T, _cleaned(value))


@cache
def _fields(kind: type[Value]) -> tuple[str, ...]:
    return tuple(name for name in kind.model_fields if name not in _NAMES)


def _cleaned(value: object) -> object:
    """Returns the value itself if nothing in it changes; cards are drawn at every fact, and hardly ever have any."""
    if type(value) in _PLAIN:
        return value
    match value:
        case str():
            clean = without_secrets(value)
            return value if clean == value else clean
        case FileRef():
            return value
        case Value():
            changed: dict[str, object] = {}
            for name in _fields(type(value)):
                if (new := _cleaned(old := getattr(value, name))) is not old:
                    changed[name] = new
            return value.model_copy(update=changed) if changed else value
        case tuple() if type(cast(object, value)) is tuple:
            old_ones = cast("tuple[object, ...]", value)
            ones = tuple(_cleaned(one) for one in old_ones)
            return ones if any(map(is_not, ones, old_ones)) else old_ones
        case dict():
            named = cast("dict[str, object]", value)
            new = {name: _cleaned(one) for name, one in named.items()}
            return new if any(map(is_not, new.values(), named.values())) else named
        case list():
            listed = cast("list[object]", value)
            new = [_cleaned(one) for one in listed]
            return new if any(map(is_not, new, listed)) else listed
        case _:
            return value
