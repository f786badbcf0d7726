"""Shows skills made in chat: what is drafted, how it differs from its nearest neighbor, and what was decided. Pure."""

from collections.abc import Iterator, Sequence

from bot.cards.card import Button, CardFact, Checkpoint, FileLine
from orchestrator.domain.plural import counted
from orchestrator.domain.saved_skill import SavedSkill, SkillTrial
from orchestrator.domain.skills import PackagedSkill, SkillScope
from orchestrator.domain.task import TaskState
from orchestrator.domain.text_difference import difference

_BUSY = ("drafting", "waiting", "approved", "restoring", "exporting", "archived", "reviving")
_MOST_DIFF, _MOST_FILES = 2_400, 40
_SCRIPTS = frozenset({"py", "sh", "bash", "js", "mjs", "ts", "rb", "pl", "ps1", "bat", "exe"})
_WHOSE: dict[SkillScope, str] = {"person": "me", "channel": "this channel", "team": "the team"}
SCOPES: tuple[tuple[str, str], ...] = (
    ("person", "Only for me"), ("channel", "For this channel"), ("team", "For the team"),
)  # fmt: skip
"""What a form offers: scope and label."""


def may_save(state: TaskState) -> bool:
    """Returns whether the card offers to make a skill from the task: once it rests, and one at a time."""
    if state.trial is not None:
        return False
    worked = state.phase in ("done", "answered") and any(step.status == "done" for step in state.subtasks.values())
    made = (row for row in state.saved.values() if not (row.words or row.installs or row.source))
    saved = any(row.status in (*_BUSY, "filed") for row in made)
    return worked and not state.rehearsal and not saved


def skill_points(state: TaskState) -> tuple[Checkpoint, ...]:
    """Returns a checkpoint for each skill that has been drafted or unpacked."""
    return tuple(_point(number, row) for number, row in state.saved.items() if row.name)


def exported(state: TaskState) -> tuple[FileLine, ...]:
    """Returns the archives of skills that people asked for."""
    return tuple(
        FileLine(
            id=f"skill-{number}", file=file, version=n, words=f"The skill {row.filed.words}" if row.filed else "",
            by="threadwork", verdict="Exported",
        )
        for number, row in state.saved.items()
        for n, file in enumerate(row.exports, start=1)
    )  # fmt: skip


def edit_skill_ref(number: int, row: SavedSkill) -> str:
    """Returns what the buttons of a draft refer to: its number, and the revision that is shown."""
    return f"{number}:{row.revision}"


def _point(number: int, row: SavedSkill) -> Checkpoint:
    waits = row.status == "waiting"
    doing = "Update" if row.replaces else "Install" if row.package else "Save"
    attached = " from the attached file" if row.package and row.replaces and not row.source else ""
    return Checkpoint(
        id=f"skill-{number}",
        kind="skill",
        title=f"{doing} the skill {row.name}{attached}",
        facts=tuple(_facts(row)) if waits else (),
        decided="" if waits else _decided(row),
        decided_at=None if waits else row.at,
        buttons=_draft_buttons(number, row) if waits else _filed_buttons(number, row),
        beside=row.trials[-1].files if waits and row.trials else (),
    )


def _facts(row: SavedSkill) -> Iterator[CardFact]:
    """Yields everything that people should know before they approve."""
    near = row.near
    if row.words:
        yield CardFact(label="Asked for", value=row.words)
    if row.source:
        yield CardFact(label="From", value=row.source)
    description = row.draft.description if row.draft else row.package.description if row.package else ""
    body = row.draft.body if row.draft else row.package.text if row.package else ""
    yield CardFact(label="When to use it", value=description)
    if row.package:
        yield from contents_of(row.package)
    if row.package or not row.replaces:
        yield CardFact(label="Instructions", value=body)
    if row.script:
        yield CardFact(label=f"Script {row.script.path}", value=f"{row.script.does}\n\n{row.script.code}")
        approved = f"Approved by {row.script_by.name}; it will be saved with the skill" if row.script_by else ""
        yield CardFact(label="The script", value=approved or "Left out, unless someone approves it")
    if row.trials:
        yield from _tried(row, row.trials[-1])
    if near is None:
        return
    what = f"Changes to {near.skill.words}" if row.replaces else f"Compared with the closest skill, {near.skill.words}"
    yield CardFact(label=what, value=difference(near.text, f"{description}\n\n{body}", _MOST_DIFF) or "No difference")
    if near.rates:
        yield CardFact(label=f"Results of {near.skill.edition}", value=near.rates)


def _tried(row: SavedSkill, trial: SkillTrial) -> Iterator[CardFact]:
    """Yields what the newest trial has shown; a draft that was edited since is another one."""
    which = "Tried" if trial.revision == row.revision else "Tried before it was edited"
    if not trial.words:
        words = f"{trial.by.name} is trying it on the same request. The result will appear here."
        yield CardFact(label="Trial", value=words)
        return
    yield CardFact(label=f"{which} by {trial.by.name}", value=trial.words)
    for file in trial.files:
        yield CardFact(
            label=f"{file.name}, original and trial", value="\n".join(filter(None, (file.words, file.changes)))
        )


def contents_of(package: PackagedSkill) -> Iterator[CardFact]:
    """Yields what an attached or downloaded skill contains and may do."""
    yield CardFact(label="Files", value="\n".join(package.files[:_MOST_FILES]) + _more(package.files))
    paths = [name.rpartition(" (")[0] for name in package.files]
    scripts = [path for path in paths if path.rpartition(".")[2].lower() in _SCRIPTS]
    may = "Agents that follow it keep their own tools, and approvals work as before."
    if package.tools:
        may += f" Its author limits them to: {', '.join(package.tools)}."
    may += f" Its {counted(len(scripts), 'script')} can run only in the sandbox." if scripts else " It has no scripts."
    yield CardFact(label="What it may do", value=may)
    yield CardFact(label="Hash (SHA-256)", value=package.digest)
    if package.repairs:
        yield CardFact(label="Corrected on saving", value="; ".join(package.repairs))


def _more(names: Sequence[str]) -> str:
    return f"\nand {counted(len(names) - _MOST_FILES, 'more file')}" if len(names) > _MOST_FILES else ""


def _draft_buttons(number: int, row: SavedSkill) -> tuple[Button, ...]:
    ref = edit_skill_ref(number, row)
    edit = (Button(verb="edit-skill", label="Edit", ref=ref, form="skill"),) if row.draft else ()
    if row.draft and not row.trying:
        edit = (Button(verb="try-skill", label="Try it again" if row.trials else "Try it", ref=ref), *edit)
    if row.script and row.script_by:
        edit = (Button(verb="leave-script-out", label="Leave the script out", ref=ref), *edit)
    elif row.script:
        edit = (Button(verb="approve-script", label="Approve the script", ref=ref), *edit)
    discard = Button(verb="discard-skill", label="Discard", ref=ref, tone="danger")
    if row.replaces:
        return (Button(verb="approve-skill", label="Approve", ref=ref, tone="primary"), *edit, discard)
    approve = (
        Button(
            verb="approve-skill",
            label=f"Approve for {whose}",
            ref=f"{ref}:{scope}",
            tone="primary" if row.scope == scope else "plain",
        )
        for scope, whose in _WHOSE.items()
    )
    return (*approve, *edit, discard)


def _filed_buttons(number: int, row: SavedSkill) -> tuple[Button, ...]:
    if row.status == "archived":
        return (Button(verb="bring-back-skill", label="Bring back", ref=str(number)),)
    if row.status != "filed":
        return ()
    export = Button(verb="export-skill", label="Export", ref=str(number))
    return (export, Button(verb="roll-back-skill", label="Roll back", ref=str(number)))


def _decided(row: SavedSkill) -> str:
    who = f" by {row.by.name}"
    match row.status:
        case "filed" | "restoring" | "exporting" if row.filed is not None:
            undoing = f"; {row.by.name} is rolling it back" if row.status == "restoring" else who
            return f"Saved as {row.filed.words}{undoing}"
        case "rolled-back":
            return f"Rolled back{who}: " + (f"version {row.restored} is in use again" if row.restored else "archived")
        case "archived" | "reviving":
            back = f"; {row.last_by.name} is bringing it back" if row.status == "reviving" and row.last_by else ""
            return f"Archived, because nobody used it{back}"
        case "discarded":
            return f"Discarded{who}"
        case _:
            return f"Approved{who}"
