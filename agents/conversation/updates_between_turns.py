"""Describes what happened around an agent, as it reads it before its next turn. Pure."""

import json
from collections.abc import Iterable

from orchestrator.domain import events as e
from orchestrator.domain.findings import Finding
from orchestrator.domain.ids import DeliverableId, SubtaskId
from orchestrator.domain.message_context_text import described, paths
from orchestrator.domain.plan import Plan, Subtask

MOST_LINES = 120
AROUND = (
    e.FindingShared, e.SubtaskFinished, e.SubtaskSkipped, e.SubtaskRetried, e.PersonSaid, e.DeliverableDecided,
)  # fmt: skip
"""All that `news` and `ended` read; the other facts, of which there are more, needn't be kept for them."""


def finding_line(finding: Finding) -> str:
    """`- [id] kind = value (by subtask; source)`, the same everywhere an agent meets a finding."""
    where = f"; {finding.source.where}" if finding.source else "; no source"
    again = f"; replaces {finding.supersedes}" if finding.supersedes else ""
    value = json.dumps(finding.value, ensure_ascii=False)
    return f"- [{finding.id}] {finding.kind} = {value} (by {finding.by}{where}{again})"


def news(records: Iterable[e.Record], subtask: Subtask, plan: Plan, *, offered: dict[DeliverableId, str]) -> str:
    """Returns the news for one subtask in these records, oldest first; empty when there is none.

    `offered`: names of the files this subtask has handed in.
    """
    findings: list[str] = []
    corrections: list[str] = []
    lines: list[str] = []
    told: set[str] = set()
    for record in records:
        match record.event:
            case e.FindingShared(finding=finding) if concerns(finding, subtask):
                findings.append(finding_line(finding))
                told.add(finding.id)
                if finding.supersedes and finding.supersedes not in told:
                    corrections.append(_corrected(finding.id, finding.supersedes))
            case e.SubtaskFinished(subtask=name) | e.SubtaskSkipped(subtask=name) if name in subtask.fed_by:
                title = row.title if (row := plan.subtask(name)) else name
                lines.append(f"{title} ({name}) has ended and won't share more findings.")
            case e.PersonSaid(subtask=to) if to in (None, subtask.id):
                lines.append(heard(record.event))
            case e.DeliverableDecided(deliverable=name) if name in offered:
                lines.append(reviewed(record.event, offered[name]))
            case _:
                pass
    shown = findings[-MOST_LINES:]
    cut = len(findings) - len(shown)
    head = ["Findings:", *([f"({cut} earlier ones: read_findings lists them)"] if cut else []), *shown] if shown else []
    return "\n".join([*head, *corrections, *lines])


def concerns(finding: Finding, subtask: Subtask) -> bool:
    """Returns whether it comes from a feeder, or corrects a feeder's finding (whoever shared it)."""
    if not subtask.fed_by:
        return False
    old = (finding.supersedes or "").rpartition(".")[0]
    return finding.by in subtask.fed_by or (finding.by != subtask.id and old in subtask.fed_by)


def _corrected(new: str, old: str) -> str:
    return (
        f"{new} corrects {old}: uses_of_findings [{old!r}] lists the cells and paragraphs to revise; cite {new} there."
    )


def heard(event: e.PersonSaid) -> str:
    """Returns what a person said in the thread, with the names of attached files and what they pointed to."""
    attached = f" [attached: {paths(event.files)}]" if event.files else ""
    background = described(event.background, event.text)
    return f"{event.by.name} says: {event.text}{attached}" + (f"\n{background}" if background else "")


def reviewed(event: e.DeliverableDecided, name: str) -> str:
    """Returns what a person decided about the file `name`."""
    match event.verdict:
        case "changes":
            return f"{event.by.name} asks for changes to {name}: {event.text}\nRevise it and hand it in again."
        case "replaced":
            return f"{event.by.name} replaced {name} with their own version, which is now in the workspace."
        case "approved":
            return f"{event.by.name} approved {name}."


def ended(records: Iterable[e.Record], feeders: tuple[SubtaskId, ...]) -> bool:
    """Returns whether the last feeder ended within or before these records."""
    if not feeders:
        return False
    gone: set[SubtaskId] = set()
    for record in records:
        match record.event:
            case e.SubtaskFinished(subtask=name) | e.SubtaskSkipped(subtask=name):
                gone.add(name)
            case e.SubtaskRetried(subtask=name):
                gone.discard(name)
            case _:
                pass
    return gone >= set(feeders)
