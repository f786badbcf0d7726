"""Shows skills made in chat: what is drafted, how it differs from its nearest neighbour, and what was decided. Pure."""

from difflib import unified_diff

from bot.cards.card import Button, CardFact, Checkpoint, FileLine
from orchestrator.domain.skills import SkillScope
from orchestrator.domain.task import SavedSkill, TaskState

_BUSY = ("drafting", "waiting", "approved", "restoring", "exporting")
_MOST_DIFF = 2_400
_WHOSE: dict[SkillScope, str] = {"person": "me", "channel": "this channel", "team": "the team"}
SCOPES: tuple[tuple[str, str], ...] = (
    ("person", "Only for me"), ("channel", "For this channel"), ("team", "For the team"),
)  # fmt: skip
"""What a form offers: scope and label."""


def may_save(state: TaskState) -> bool:
    """Returns whether the card offers to make a skill of the task: once it rests, and one at a time."""
    worked = state.phase in ("done", "answered") and any(step.status == "done" for step in state.subtasks.values())
    saved = any(row.status in (*_BUSY, "filed") and not row.words for row in state.saved.values())
    return worked and not state.rehearsal and not saved


def skill_points(state: TaskState) -> tuple[Checkpoint, ...]:
    """Returns a checkpoint for each skill that has a draft."""
    return tuple(_point(number, row) for number, row in state.saved.items() if row.draft is not None)


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
    assert row.draft is not None
    name, waits = row.draft.name, row.status == "waiting"
    return Checkpoint(
        id=f"skill-{number}",
        kind="skill",
        title=f"Update the skill {name}" if row.replaces else f"Save the skill {name}",
        facts=_facts(row) if waits else (),
        decided="" if waits else _decided(row),
        decided_at=None if waits else row.at,
        buttons=_draft_buttons(number, row) if waits else _filed_buttons(number, row),
    )


def _facts(row: SavedSkill) -> tuple[CardFact, ...]:
    assert row.draft is not None
    draft, near = row.draft, row.near
    facts = [CardFact(label="Asked for", value=row.words)] if row.words else []
    facts.append(CardFact(label="When to use it", value=draft.description))
    if near is None or not row.replaces:
        facts.append(CardFact(label="Instructions", value=draft.body))
    if near is not None:
        what = (
            f"Changes to {near.skill.words}" if row.replaces else f"Compared with the closest skill, {near.skill.words}"
        )
        facts.append(CardFact(label=what, value=difference(near.text, f"{draft.description}\n\n{draft.body}")))
        if near.rates:
            facts.append(CardFact(label=f"So far, {near.skill.edition}", value=near.rates))
    return tuple(facts)


def difference(old: str, new: str) -> str:
    """Returns the lines that differ, `-` before old ones and `+` before new ones."""
    rows = list(unified_diff(old.splitlines(), new.splitlines(), n=1, lineterm=""))[2:]
    kept = [row for row in rows if not row.startswith("@@") and row.strip()]
    text = "\n".join(kept) or "No difference"
    return text if len(text) <= _MOST_DIFF else f"{text[:_MOST_DIFF].rsplit(chr(10), 1)[0]}\n…"


def _draft_buttons(number: int, row: SavedSkill) -> tuple[Button, ...]:
    ref = edit_skill_ref(number, row)
    edit = Button(verb="edit-skill", label="Edit", ref=ref, form="skill")
    discard = Button(verb="discard-skill", label="Discard", ref=ref, tone="danger")
    if row.replaces:
        return (Button(verb="approve-skill", label="Approve", ref=ref, tone="primary"), edit, discard)
    approve = (
        Button(
            verb="approve-skill",
            label=f"Approve for {whose}",
            ref=f"{ref}:{scope}",
            tone="primary" if row.scope == scope else "plain",
        )
        for scope, whose in _WHOSE.items()
    )
    return (*approve, edit, discard)


def _filed_buttons(number: int, row: SavedSkill) -> tuple[Button, ...]:
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
            return f"Rolled back{who}: " + (f"version {row.restored} counts again" if row.restored else "archived")
        case "discarded":
            return f"Discarded{who}"
        case _:
            return f"Approved{who}"
