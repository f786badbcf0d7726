"""Gives the files that people attach names under which they can all be kept, and tells equal names apart. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from orchestrator.domain.escape_file_names import label
from orchestrator.domain.people import FileRef, MessageBackground, Request
from orchestrator.domain.task import TaskState

MOST_CHARACTERS, MOST_NAME_BYTES, MOST_SUFFIX = 120, 200, 20
_SEPARATOR = re.compile(r"[/\\]")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def safe_name(name: str) -> str:
    """Returns a file's own name without folders, anything that can't be shown, or a form that some system refuses."""
    last = _SEPARATOR.split(unicodedata.normalize("NFC", name).rstrip("/\\ "))[-1]
    plain = "".join(c if c.isprintable() or label(c) == c else "_" for c in last).strip().lstrip(".").rstrip(". ")
    if _RESERVED.fullmatch(plain):
        plain = f"_{plain}"
    return _short(plain or "file")


def told_apart(files: Sequence[FileRef], taken: Iterable[FileRef] = ()) -> tuple[FileRef, ...]:
    """Returns the same files under safe names that differ from each other and from those that are `taken`.

    Names that differ only by case or by how an accent is stored are equal. The same file under the same name stays one.
    """
    known = {_key(file.name): file.sha for file in taken}
    named: list[FileRef] = []
    for file in files:
        name = next(n for n in _candidates(safe_name(file.name)) if known.get(_key(n), file.sha) == file.sha)
        known[_key(name)] = file.sha
        named.append(file.model_copy(update={"name": name}))
    return tuple(named)


def with_names(request: Request) -> Request:
    """Returns the request with all its files told apart; its own files keep their names first."""
    files = told_apart(request.files)
    return request.model_copy(
        update={"files": files, "background": background_with_names(request.background, files)}
    )  # fmt: skip


def background_with_names(background: MessageBackground, taken: Iterable[FileRef]) -> MessageBackground:
    """Returns the background with its files told apart from each other and from those that are taken."""
    known = list(taken)
    quoted = list(background.quoted)
    for n, one in enumerate(quoted):
        files = told_apart(one.files, known)
        known += files
        quoted[n] = one.model_copy(update={"files": files})
    return background.model_copy(update={"quoted": tuple(quoted)})


def attached(state: TaskState) -> tuple[FileRef, ...]:
    """Returns every file that people attached or that their messages build on, in order."""
    request = state.request
    first = (*request.files, *request.background.files) if request else ()
    return (*first, *(file for line in state.lines for file in (*line.files, *line.background.files)))


def _candidates(name: str) -> Iterable[str]:
    yield name
    stem, suffix = _parts(name)
    for n in range(2, 10_000):
        end = f" ({n}){suffix}"
        yield f"{stem[: MOST_CHARACTERS - len(end)]}{end}"


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())


def _short(name: str) -> str:
    stem, suffix = _parts(name)
    stem = stem[: MOST_CHARACTERS - len(suffix)]
    while len((stem + suffix).encode()) > MOST_NAME_BYTES:
        stem = stem[:-1]
    return stem.rstrip(". ") + suffix


def _parts(name: str) -> tuple[str, str]:
    stem, dot, suffix = name.rpartition(".")
    return (stem, dot + suffix) if stem and len(suffix) <= MOST_SUFFIX else (name, "")
