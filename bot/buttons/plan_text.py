"""A plan as lines that people can edit in one text field. Pure.

    read | Read the prices | browser
    sheet | Comparison sheet | document | fed: read | model: openai/gpt-5
        Indented lines below a step are its instructions; without any they stay as they were.
    + | Executive summary | document | after: sheet

The name of a step stays when its title changes; `+` makes a new one. Lines that begin with # are remarks.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.buttons import form_values
from orchestrator.domain.ids import SubtaskId, slug
from orchestrator.domain.plan import Plan, Subtask
from orchestrator.errors import BadPlan

HELP = "name | title | agent | after: a, b | fed: c. New step: + | title | agent. Indent its instructions."
EXAMPLE = "sheet | Comparison sheet | document | after: read"
_FIELDS = {"after": "after", "fed": "fed_by", "model": "model"}


@dataclass
class _Line:
    """A step as it was typed. `number` is its line, counted from 1."""

    number: int
    text: str
    parts: list[str]
    instructions: list[str]
    name: SubtaskId


def written(plan: Plan) -> list[str]:
    """Writes one line per step."""
    return [_line(s) for s in plan.subtasks]


def remark(agents: Sequence[str]) -> list[str]:
    """Writes a remark that says which agents there are."""
    return [f"# Agents: {', '.join(agents)}"] if agents else []


def read(text: str, *, title: str, old: Plan, begun: Collection[SubtaskId] = ()) -> Plan:
    """Parses the lines into a plan. Raises BadPlan with a sentence that names the line."""
    lines = _lines(text)
    _name(lines, old)
    known = [line.name for line in lines]
    rows = [_step(line, old.subtask(line.name), known, begun) for line in lines]
    return form_values.plan(" ".join(title.split()), rows)


def _line(s: Subtask) -> str:
    parts = [s.id, _flat(s.title), s.agent]
    parts += [f"after: {', '.join(s.after)}"] if s.after else []
    parts += [f"fed: {', '.join(s.fed_by)}"] if s.fed_by else []
    parts += [f"model: {s.model}"] if s.model else []
    return " | ".join(parts)


def _flat(title: str) -> str:
    return " ".join(title.replace("|", "/").split())


def _lines(text: str) -> list[_Line]:
    found: list[_Line] = []
    for number, raw in enumerate(text.splitlines(), 1):
        if not raw.strip() or raw.startswith("#"):
            continue
        if raw[0] in " \t":
            if not found:
                raise BadPlan(
                    f"Line {number} is indented, but there's no step above it; start with a step, e.g. {EXAMPLE!r}."
                )
            found[-1].instructions.append(raw.strip())
            continue
        parts = [part.strip() for part in raw.split("|")]
        if len(parts) < 3:
            raise BadPlan(f"Line {number} ({raw.strip()!r}) needs a name, a title, and an agent, e.g. {EXAMPLE!r}.")
        found.append(_Line(number, raw.strip(), parts, [], SubtaskId(parts[0])))
    if not found:
        raise BadPlan(f"The plan has no steps; write at least one, e.g. {EXAMPLE!r}.")
    return found


def _name(lines: Sequence[_Line], old: Plan) -> None:
    """Gives each line its name: the one that was typed or, for a new step, one made from its title."""
    used = {SubtaskId(line.parts[0]) for line in lines} | {s.id for s in old.subtasks}
    for line in lines:
        if line.name not in ("", "+"):
            continue
        base = slug(line.parts[1])
        line.name = next(n for i in range(1, 999) if (n := SubtaskId(base if i == 1 else f"{base}-{i}")) not in used)
        used.add(line.name)
    seen: dict[SubtaskId, int] = {}
    for line in lines:
        if line.name in seen:
            raise BadPlan(f"Lines {seen[line.name]} and {line.number} have the same name {line.name!r}; rename one.")
        seen[line.name] = line.number


def _step(line: _Line, old: Subtask | None, known: Sequence[SubtaskId], begun: Collection[SubtaskId]) -> Subtask:
    if old is not None and old.id in begun:
        if line.parts != _line(old).split(" | ") or line.instructions:
            raise BadPlan(f"Line {line.number}: {old.title!r} has started, so its line has to stay {_line(old)!r}.")
        return old
    title = line.parts[1]
    changed: dict[str, object] = {
        "id": line.name,
        "title": old.title if old and _flat(old.title) == title else title,
        "agent": line.parts[2],
        "instructions": _instructions(line, old),
        "after": (), "fed_by": (), "model": None,
    }  # fmt: skip
    for part in line.parts[3:]:
        changed |= _field(part, line, known)
    try:
        return form_values.subtask(old, changed)
    except BadPlan as error:
        raise BadPlan(f"Line {line.number}: {error}") from None


def _instructions(line: _Line, old: Subtask | None) -> str:
    if line.instructions:
        return "\n".join(line.instructions)
    return old.instructions if old else line.parts[1]


def _field(part: str, line: _Line, known: Sequence[SubtaskId]) -> dict[str, object]:
    key, colon, value = (p.strip() for p in part.partition(":"))
    field = _FIELDS.get(key.lower())
    if field is None or not colon:
        raise BadPlan(f"Line {line.number}: {part!r} isn't valid; use 'after: …', 'fed: …', or 'model: …'.")
    if field == "model":
        return {"model": value or None}
    names = tuple(SubtaskId(name.strip()) for name in value.split(",") if name.strip())
    if missing := next((n for n in names if n not in known), None):
        there = ", ".join(n for n in known if n != line.name)
        raise BadPlan(f"Line {line.number}: there's no step {missing!r}; the plan has {there or 'no others'}.")
    return {field: names}
