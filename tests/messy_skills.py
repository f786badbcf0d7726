"""A messy collection of skills, as they are found in the wild: two thirds are invalid in some way.

The shares of the defects are those of 15,922 real files. Every skill says whether a lenient client could use it: one
that has a description to choose it by and instructions to follow.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

_VERBS = ("draft", "check", "convert", "summarize", "plan", "review", "clean", "compare", "translate", "sort")
_THINGS = ("invoices", "letters", "contracts", "slides", "tables", "tickets", "notes", "budgets", "photos", "logs")
_BODY = "# {title}\n\n1. Read the {thing} that you were given.\n2. {verb} them carefully.\n3. Check the result.\n"


@dataclass(frozen=True)
class MessySkill:
    """`files`: content by path; a string is where a symbolic link leads. `usable`: by a lenient client."""

    folder: str
    defect: str
    usable: bool
    files: Mapping[str, bytes | str]


def collection(count: int = 500) -> list[MessySkill]:
    """The same one every time."""
    chance = random.Random(11)
    kinds = [kind for kind, (share, _, _) in _DEFECTS.items() for _ in range(share)]
    made: list[MessySkill] = []
    for number in range(count):
        verb, thing = chance.choice(_VERBS), chance.choice(_THINGS)
        folder = f"{verb}-{thing}-{number}"
        kind = "valid" if number % 3 == 0 else chance.choice(kinds)
        _, usable, make = _DEFECTS.get(kind, (0, True, _valid))
        made.append(MessySkill(folder, kind, usable, make(folder, verb, thing)))
    return made


def write(skills: list[MessySkill], root: Path) -> None:
    """Writes them below `root`, with their links."""
    for one in skills:
        for path, content in one.files.items():
            target = root / one.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, str):
                target.symlink_to(content)
            else:
                target.write_bytes(content)
        if not one.files:
            (root / one.folder).mkdir(parents=True)


def _sheet(name: str, verb: str, thing: str, *more: str, description: str = "") -> str:
    words = description or f"{verb.capitalize()} {thing} for a team. Use it when somebody asks to {verb} {thing}."
    lines = [f"name: {name}", f"description: {words}", *more]
    return "\n".join(["---", *lines, "---", "", _body(verb, thing)])


def _body(verb: str, thing: str) -> str:
    return _BODY.format(title=f"{verb} {thing}".title(), verb=verb.capitalize(), thing=thing)


_Make = Callable[[str, str, str], Mapping[str, bytes | str]]


def _one(make: Callable[[str, str, str], str], encoding: str = "utf-8") -> _Make:
    return lambda folder, verb, thing: {"SKILL.md": make(folder, verb, thing).encode(encoding)}


def _with(*more: str) -> _Make:
    return _one(lambda f, v, t: _sheet(f, v, t, *more))


def _named(change: Callable[[str], str]) -> _Make:
    return _one(lambda f, v, t: _sheet(change(f), v, t))


def _valid(folder: str, verb: str, thing: str) -> Mapping[str, bytes | str]:
    return {"SKILL.md": _sheet(folder, verb, thing).encode(), "scripts/run.py": b"print('done')\n"}


_DEFECTS: Mapping[str, tuple[int, bool, _Make]] = {
    "further fields": (18, True, _with("version: 1.2", "author: Ada", "tags: [a, b]")),
    "further fields, nested": (8, True, _with("triggers:", "  - when asked", "  - daily: true")),
    "a colon in plain text": (8, True, _one(lambda f, v, t: _sheet(
        f, v, t, description=f"Use when: somebody wants to {v} {t}. Note: ask first"))),
    "a colon in text of several lines": (3, True, _one(lambda f, v, t: _sheet(
        f, v, t, description=f"Works with {t}: all kinds\n  of them, and: others"))),
    "a list in brackets": (3, True, _one(lambda f, v, t: _sheet(f, v, t, description=f"[{v} {t}, and more of {t}]"))),
    "an at sign": (2, True, _one(lambda f, v, t: _sheet(f, v, t, description=f"@team {v} {t} whenever asked"))),
    "a tab as indent": (2, True, _with("metadata:", "\tversion: '2'")),
    "another name than the folder": (9, True, _named(lambda f: f"the-{f}")),
    "capitals in the name": (3, True, _named(lambda f: f.title())),
    "spaces in the name": (2, True, _named(lambda f: f.replace("-", " "))),
    "odd characters in the name": (2, True, _named(lambda f: f"{f}:v2/✨")),
    "a name of 90 characters": (1, True, _named(lambda f: f"{f}-{'x' * 90}")),
    "no name": (2, True, _one(lambda f, v, t: _sheet(f, v, t).replace(f"name: {f}\n", ""))),
    "a date as name": (1, True, _named(lambda f: "2026-01-01")),
    "no front matter": (2, True, _one(lambda f, v, t: _body(v, t))),
    "no end of the front matter": (1, True, _one(lambda f, v, t: _sheet(f, v, t).replace("\n---\n\n", "\n\n"))),
    "a description of 5,000 characters": (2, True, _one(lambda f, v, t: _sheet(
        f, v, t, description=f"{v} {t} " * 300))),
    "a description in a list": (1, True, _one(lambda f, v, t: _sheet(f, v, t, description=f"\n  - {v}\n  - {t} all"))),
    "a byte order mark": (1, True, _one(_sheet, "utf-8-sig")),
    "UTF-16": (1, True, _one(_sheet, "utf-16")),
    "Latin-1": (1, True, _one(lambda f, v, t: _sheet(f, v, t, description=f"Für Köche: {v} {t} im Büro"), "latin-1")),
    "Windows line ends": (2, True, _one(lambda f, v, t: _sheet(f, v, t).replace("\n", "\r\n"))),
    "a key twice": (2, True, _with("description: Says it again, in other words and longer.")),
    "allowed-tools as a list": (2, True, _with("allowed-tools: [Read, 'Bash(git:*)']")),
    "a file name in small letters": (1, True, lambda f, v, t: {"skill.md": _sheet(f, v, t).encode()}),
    "a link that leads out": (1, True, lambda f, v, t: {**_valid(f, v, t), "secrets": "/etc"}),
    "braces without end": (1, True, _with("hooks: {{{{")),
    "no description": (2, True, _one(lambda f, v, t: _sheet(f, v, t).replace("description", "about"))),
    "no description and no words": (1, False, _one(lambda f, v, t: f"---\nname: {f}\n---\n# {t}\n")),
    "no instructions": (1, False, _one(lambda f, v, t: _sheet(f, v, t).partition("\n# ")[0])),
    "an empty file": (1, False, lambda f, v, t: {"SKILL.md": b""}),
    "no SKILL.md": (1, False, lambda f, v, t: {"README.md": _body(v, t).encode()}),
    "an empty folder": (1, False, lambda f, v, t: {}),
    "a picture": (1, False, lambda f, v, t: {"SKILL.md": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256))}),
    "a link in place of the file": (1, False, lambda f, v, t: {"SKILL.md": "/etc/hostname"}),
    "a link to itself": (1, False, lambda f, v, t: {"SKILL.md": "SKILL.md"}),
    "a huge file": (1, False, _one(lambda f, v, t: _sheet(f, v, t) + "x" * 600_000)),
}  # fmt: skip
"""By kind: how often, whether a lenient client could use it, and what makes it."""
