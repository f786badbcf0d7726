"""What people shall see -> the chat's messages: plain text, a few buttons, files. Pure; cutting happens here alone."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from bot.cards.card import Button, Card, Checkpoint, FileLine
from bot.cards.card_projection import waiting
from bot.cards.live_drafts import draft_words
from bot.cards.tool_call_wording import plain
from bot.chat_platform import CardItem, FileItem, Form, Item, PictureItem, PointItem, WordsItem
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import FileRef
from orchestrator.domain.plural import counted

TEXT, BUTTONS, LABEL, NAME = 4_000, 20, 60, 200
"""What a message of the chat holds."""
_LEVELS = {"said": "", "info": "", "warning": "Warning: ", "error": "Error: "}
_LINE = 200


class Message(NamedTuple):
    """Text with its markup, buttons, and files of the shelf."""

    text: str
    buttons: tuple[dict[str, str], ...] = ()
    files: tuple[FileRef, ...] = ()


def message(item: Item) -> Message:
    """The item as a message."""
    match item:
        case CardItem(card=card):
            return _card(card)
        case PointItem(task=task, point=point):
            return _point(task, item.title, point, item.link)
        case WordsItem(text=text, level=level):
            return Message(_within([_LEVELS[level] + plain(text)], item.link))
        case FileItem(line=line):
            return _file(line, item.link)
        case PictureItem(text=text, picture=picture):
            return Message(_within([plain(text)]), files=(picture,))


def form(it: Form) -> dict[str, Any]:
    """The form as the chat draws it."""
    fields = [field.model_dump(mode="json", exclude={"required"}) for field in it.fields]
    return {"about": name(it.verb, it.task, it.ref), "title": it.title, "submit": it.submit, "problem": it.problem,
            "fields": fields}  # fmt: skip


def name(verb: str, task: TaskId, ref: str) -> str:
    """What a button or form is called; `parse.named` reads it."""
    return f"{verb}|{task}|{ref}"


def escaped(text: str) -> str:
    """Text that calls nobody: the chat rings for every @ without a backslash, and takes no control characters."""
    seen = "".join(c for c in text.encode("utf-8", "replace").decode() if c == "\n" or c.isprintable())
    return seen.replace("\\", "\\\\").replace("@", "\\@")


def _card(card: Card) -> Message:
    """What needs somebody, what failed and the files come first: the end is what is cut."""
    lines = [f"{card.title} [{card.state}]", card.headline]
    lines += [f"! {plain(point.title)}" for point in waiting(card.checkpoints)]
    lines += [f"~ {title}: {text}" for title, text in draft_words(card.drafts, _LINE // 2)]
    lines += [f"x {row.title}: {plain(row.problem)}" for row in card.rows if row.problem]
    lines += [f"x {plain(post.text)}" for post in card.posts if post.level == "error"]
    lines += [f"= {one.file.name}: {one.verdict}" for one in card.files]
    lines += [f"- {row.title} [{row.state}] {row.doing or row.waits or plain(row.summary)}" for row in card.rows]
    lines += [f"Skills: {', '.join(card.skills)}"] if card.skills else []
    failed = [b for row in card.rows if row.state == "failed" for b in row.buttons]
    others = [b for row in card.rows if row.state != "failed" for b in row.buttons]
    return Message(_within(_short(lines)), buttons(TaskId(card.task), [*card.buttons, *failed, *others]))


def _point(task: TaskId, title: str, point: Checkpoint, link: str) -> Message:
    """The exact effect is never shortened line by line: what does not fit is said, with where it can be read."""
    lines = [plain(point.title), title, *([point.decided] if point.decided else [])]
    lines += [f"{fact.label}: {fact.value}" for fact in point.facts]
    lines += [f"{f.label}: {' / '.join(f.options)}" for f in point.fields if not point.decided]
    return Message(_within(lines, link), buttons(task, point.buttons))


def _file(it: FileLine, link: str) -> Message:
    lines = [f"{it.file.name}, {it.edition}: {it.verdict}", plain(it.words), f"By {it.by}"]
    lines += [f"Made with {', '.join(it.skills)}"] if it.skills else []
    lines += [f"Its check found: {problem}" for problem in it.problems]
    lines += [f"It is too large to be sent here: {link}"] if link else []
    return Message(_within(_short(lines)), files=(*it.previews, *(() if link else (it.file,))))


def buttons(task: TaskId, each: Iterable[Button]) -> tuple[dict[str, str], ...]:
    """Those that lead elsewhere are left out: the workspace has them."""
    made = {name(b.verb, task, b.ref): escaped(b.label)[:LABEL] for b in each if not b.page}
    fitting = [{"name": key, "label": label} for key, label in made.items() if len(key) <= NAME]
    return tuple(fitting[:BUTTONS])


def _short(lines: Iterable[str]) -> list[str]:
    return [line if len(line) <= _LINE else f"{line[:_LINE]}…" for line in lines if line.strip()]


def _within(lines: Sequence[str], link: str = "") -> str:
    text = escaped("\n".join(lines))
    if len(text) <= TEXT:
        return text
    where = f"open {escaped(link)}" if link else "open the workspace"
    more = f"… ({counted(len(text) - TEXT, 'character')} and a few more: {where})"
    return text[: TEXT - len(more)].rstrip("\\") + more
