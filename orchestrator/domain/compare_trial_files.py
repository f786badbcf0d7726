"""Puts the files of a trial beside those of the original task. Pure."""

from collections.abc import Mapping, Sequence

from orchestrator.domain.ids import Sha
from orchestrator.domain.people import FileRef
from orchestrator.domain.skill_trials import TriedFile
from orchestrator.domain.task import Reviewed, TaskState
from orchestrator.domain.text_difference import difference

MOST_TEXT = 100_000
"""Bytes of a text that is compared line by line."""
_TEXTS = (".md", ".txt", ".csv", ".tsv", ".json", ".yaml", ".yml", ".py", ".html", ".sql")
_MOST_FILES, _MOST_DIFFERENCE = 20, 1_200


def made_files(state: TaskState) -> Sequence[Reviewed]:
    """Returns the newest version of each file that the task handed in."""
    newest = {row.file.name: row for row in state.deliverables.values() if row.verdict != "superseded"}
    return tuple(newest.values())


def has_text(file: FileRef) -> bool:
    """Returns whether its lines can be compared."""
    return file.name.lower().endswith(_TEXTS) and file.size <= MOST_TEXT


def compared(before: Sequence[Reviewed], after: Sequence[Reviewed], texts: Mapping[Sha, str]) -> tuple[TriedFile, ...]:
    """Returns each file once. One file on either side is the same work, whatever it is called."""
    old, new = {row.file.name: row for row in before}, {row.file.name: row for row in after}
    if len(old) == len(new) == 1 and old.keys() != new.keys():
        new = dict(zip(old, new.values(), strict=True))
    names = list(dict.fromkeys((*old, *new)))[:_MOST_FILES]
    return tuple(_pair(name, old.get(name), new.get(name), texts) for name in names)


def _pair(name: str, old: Reviewed | None, new: Reviewed | None, texts: Mapping[Sha, str]) -> TriedFile:
    changes = ""
    if old and new and old.file.sha in texts and new.file.sha in texts:
        changes = difference(texts[old.file.sha], texts[new.file.sha], _MOST_DIFFERENCE)
    return TriedFile(
        name=name, before=old.file if old else None, after=new.file if new else None,
        before_page=_page(old), after_page=_page(new), changes=changes,
    )  # fmt: skip


def _page(row: Reviewed | None) -> FileRef | None:
    if row is None or row.replacement is not None:  # nobody has made a picture of a person's own version
        return None
    return next(iter(row.deliverable.previews), None)
