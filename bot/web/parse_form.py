"""Turns a form's content into commands. Pure. Raises Refused with a sentence for the person if it isn't valid."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pydantic import JsonValue

from bot import own_mention
from bot.buttons import form_values, question_answers, skill_form, typed_reply
from bot.buttons.press import Press, command
from bot.buttons.short_replies import GREETING
from bot.buttons.typed_reply import Ambiguous, Answers, Nothing, Points, Says, Starts, Typed
from bot.inbox.parse_connect_command import connector_named
from bot.web.workspace_state import PLATFORM
from orchestrator.domain import commands as c
from orchestrator.domain.ids import ApprovalId, QuestionId, SubtaskId, TaskId, digest, slug
from orchestrator.domain.people import NO_BACKGROUND, FileRef, MessageBackground, Person, Place, Request
from orchestrator.domain.plan import Plan, Subtask
from orchestrator.domain.task import TaskState
from orchestrator.errors import BadPlan, Refused

Fields = Mapping[str, Sequence[str]]
MOST_TEXT = 20_000
_COMMAND = "/threadwork"
_OTHERS = re.compile(rf"{GREETING}@\w", re.IGNORECASE)
"""A message that begins with a mention of other people, perhaps after a greeting."""
_ID = re.compile(r"^[A-Za-z0-9-]{8,64}$")
_NEW = re.compile(r"^new-[0-9]{1,3}$")


def one(fields: Fields, name: str, default: str = "") -> str:
    """Returns the field's first value, with normal line ends."""
    values = fields.get(name)
    return values[0].replace("\r\n", "\n") if values else default


def command_id(fields: Fields, by: Person) -> str:
    """Returns the id that the form was opened with: sent twice, it counts once."""
    name = one(fields, "id")
    if not _ID.match(name):
        raise Refused("The form is out of date; reload the page.")
    return f"{by.id}/{name}"


def words(
    fields: Fields, files: Sequence[FileRef] = (), *, name: str = "text", left_out: Sequence[str] = ()
) -> str:  # fmt: skip
    """Returns a message's text; it may be empty only if there are files. `left_out`: why others aren't there."""
    text = one(fields, name).strip()
    if not text and not files:
        raise Refused(" ".join(left_out) or "Write something first.")
    if len(text) > MOST_TEXT:
        raise Refused(f"The message is {len(text)} characters long; the limit is {MOST_TEXT}. Attach it as a file.")
    return text


def mentions(text: str) -> bool:
    """Returns whether the message speaks to the bot."""
    return own_mention.speaks_to(text)


def connector(text: str) -> str | None:
    """Returns which connector a person wants to sign in to, by `@threadwork connect NAME` or `/threadwork …`; empty for
    the list, None for anything else."""
    words = text.strip()
    if words.lower().startswith(f"{_COMMAND} "):
        return connector_named(words[len(_COMMAND) :])
    return connector_named(own_mention.without_address(text)) if mentions(text) else None


def mention(
    fields: Fields, files: tuple[FileRef, ...], *, by: Person, channel: str,
    background: MessageBackground = NO_BACKGROUND,
) -> c.OpenTask:  # fmt: skip
    """A message with a mention opens a task whose thread has the task's own id."""
    text = own_mention.without_address(words(fields, files))
    if not text and not files:
        raise Refused(" ".join(background.problems) or "Say what you want done after @threadwork.")
    name = command_id(fields, by)
    place = Place(platform=PLATFORM, channel=channel, thread=digest(PLATFORM, channel, name))
    text = text or "Look at the attached files."
    return c.OpenTask(
        id=name, by=by, request=Request(text=text, by=by, place=place, files=files, background=background)
    )


def say(
    fields: Fields, files: tuple[FileRef, ...], *, by: Person, task: TaskId,
    background: MessageBackground = NO_BACKGROUND,
) -> c.Say:  # fmt: skip
    """A reply in the thread, to everyone or to one agent."""
    to = one(fields, "to")
    return c.Say(
        id=command_id(fields, by), by=by, task=task, text=words(fields, files), files=files,
        subtask=SubtaskId(to) if to else None, background=background,
    )  # fmt: skip


def meaning(say: c.Say, state: TaskState) -> typed_reply.Meaning:
    """What a reply in the thread means now."""
    others = _OTHERS.match(say.text) is not None and not mentions(say.text)
    attached = typed_reply.attached([file.name for file in say.files])
    talk = _talk(state) and not mentions(say.text)
    typed = Typed(say.text, kept="", attached=attached, to_others=others, in_talk=talk, subtask=say.subtask)
    return typed_reply.meaning(state, typed)


def _talk(state: TaskState) -> bool:
    """Returns whether people spoke to each other since the newest question and the last words to us."""
    asked = max((row.since for row in state.questions.values() if row.since), default=None)
    last = max((line.seq for line in state.lines if line.by), default=0)
    later = (it for it in state.remarks if it.seq > last and (asked is None or it.at >= asked))
    return any(_OTHERS.match(it.text) for it in later)


def commands(say: c.Say, meaning: typed_reply.Meaning) -> Iterator[c.TaskCommand]:
    """Yields what a reply that means this does, so that the thread shows all of it: words that aren't for the agents
    become a remark. Files and links go to the agents before an answer wakes one."""
    match meaning:
        case Answers(question=question, answers=answers):
            if say.files or say.background != NO_BACKGROUND:
                yield say
            yield c.AnswerQuestion(
                id=f"{say.id}/answer", by=say.by, task=say.task, question=question, answers=answers
            )  # fmt: skip
        case Starts(version=version):
            yield c.StartPlan(id=f"{say.id}/start", by=say.by, task=say.task, base=version)
            yield remark(say)
        case Says() | Points(says=True):
            yield say
        case Nothing() | Points() | Ambiguous():
            yield remark(say)


def used(say: c.Say) -> str:
    """Returns the words of the reply that a button may use: without any, its files' names."""
    return _used(say.text, say.files)


def remark(say: c.Say) -> c.Remark:
    """Returns the reply as words that only people see."""
    return c.Remark(id=f"{say.id}/remark", by=say.by, task=say.task, text=say.text, files=say.files)


def press(fields: Fields, file: FileRef | None, *, by: Person, state: TaskState) -> c.AnyCommand:
    """A pressed button with its form's values."""
    verb, ref = one(fields, "verb"), one(fields, "ref")
    pressed = Press(
        id=command_id(fields, by), by=by, task=state.id, verb=verb, ref=ref, words=one(fields, "words").strip(),
        file=file,
        plan=plan(fields, state) if verb == "edit-plan" else None,
        arguments=arguments(fields, state, ApprovalId(ref)) if verb == "edit" else None,
        answers=answers(fields, state, QuestionId(ref)) if verb == "answer" else None,
    )  # fmt: skip
    if verb == "edit-skill":
        text, scope = skill_form.read_skill_form({name: one(fields, name) for name in fields})
        pressed = replace(pressed, skill=text, scope=scope)
    if verb in typed_reply.KEPT:
        pressed = typed_reply.pressed(replace(pressed, ref=typed_reply.kept_ref(ref)[0]), state)
    return command(pressed)


def kept(fields: Fields, *, by: Person, state: TaskState) -> c.Say | None:
    """Returns what the agents have to hear of a reply whose words a button uses: its files. None: nothing more."""
    verb, used = one(fields, "verb"), one(fields, "words").strip()
    if verb not in typed_reply.KEPT:
        return None
    mine = [it for it in state.remarks if it.by and it.by.id == by.id and it.files and used == _used(it.text, it.files)]
    if not mine:
        return None
    id_, files = f"{command_id(fields, by)}/kept", mine[-1].files
    return c.Say(id=id_, by=by, task=state.id, text=mine[-1].text, files=files)


def _used(text: str, files: Sequence[FileRef]) -> str:
    return text or typed_reply.attached([file.name for file in files])


def arguments(fields: Fields, state: TaskState, approval: ApprovalId) -> dict[str, JsonValue]:
    """The edited arguments of a call."""
    return form_values.arguments(_under(fields, "a."), state, approval)


def answers(fields: Fields, state: TaskState, question: QuestionId) -> dict[str, str]:
    """The answers by field."""
    return question_answers.answers(_under(fields, "q."), form_values.question_fields(state, question))


def _under(fields: Fields, prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): one(fields, name) for name in fields if name.startswith(prefix)}


def plan(fields: Fields, state: TaskState) -> Plan:
    """Returns the edited plan. Subtasks that have started, and fields the form doesn't show, stay as they are."""
    if state.plan is None:
        raise Refused("There's no plan to edit yet.")
    keys = [k for k in fields.get("row", ()) if k not in fields.get("remove", ())]
    names = _names(fields, keys, {s.id for s in state.plan.subtasks})
    rows: list[Subtask] = []
    for key in keys:
        old = state.plan.subtask(SubtaskId(key))
        fixed = old is not None and form_values.has_begun(state, old)
        rows.append(old if old and fixed else _subtask(fields, key, names, old))
    return form_values.plan(one(fields, "title"), rows)


def _names(fields: Fields, keys: Sequence[str], taken: set[SubtaskId]) -> Mapping[str, SubtaskId]:
    """Returns ids by form key: old subtasks keep theirs, new ones get one from their title."""
    names = {key: SubtaskId(key) for key in keys if key in taken}
    used = set(taken)
    for key in keys:
        if key in names:
            continue
        if not _NEW.match(key):
            raise BadPlan(f"There's no step {key!r} in this plan; open the form again.")
        base = slug(one(fields, f"{key}.title"))
        name = next(n for i in range(1, 999) if (n := SubtaskId(base if i == 1 else f"{base}-{i}")) not in used)
        used.add(name)
        names[key] = name
    return names


def _subtask(fields: Fields, key: str, names: Mapping[str, SubtaskId], old: Subtask | None) -> Subtask:
    changed: dict[str, object] = {
        "id": names[key],
        "title": one(fields, f"{key}.title").strip(),
        "instructions": one(fields, f"{key}.instructions").strip(),
        "agent": one(fields, f"{key}.agent").strip(),
        "model": one(fields, f"{key}.model").strip() or None,
        "after": tuple(names[k] for k in fields.get(f"{key}.after", ()) if k in names),
        "fed_by": tuple(names[k] for k in fields.get(f"{key}.fed_by", ()) if k in names),
    }
    return form_values.subtask(old, changed)
