"""Turns what people should see into Slack messages. Pure, total; only this module cuts text, and it never hides an
undecided checkpoint, an error or a file.

The live card is a *plan* block with a *task card* per subtask; what needs a person and the files are below it.
"""

from typing import Literal

from bot.cards.card import Button, Card, Checkpoint, State, StepRow
from bot.cards.card_projection import waiting
from bot.cards.live_drafts import draft_words
from bot.cards.markdown import gist
from bot.cards.tool_call_wording import plain
from bot.chat_platform import CardItem, FileItem, Item, PictureItem, PointItem, WordsItem
from bot.slack import blocks as b
from bot.slack.blocks import Block, SlackMessage
from bot.slack.prose import prose
from orchestrator.domain.ids import TaskId
from orchestrator.domain.plural import counted

Status = Literal["pending", "in_progress", "complete", "error"]

TASKS = 50
_STATUS: dict[State, Status] = {
    "waiting": "pending",
    "running": "in_progress",
    "needs-you": "in_progress",
    "done": "complete",
    "failed": "error",
    "skipped": "complete",
    "paused": "pending",
    "stopped": "pending",
}
_SIGN: dict[State, str] = {
    "waiting": "⏳",
    "running": "⚙️",
    "needs-you": "✋",
    "done": "✅",
    "failed": "❌",
    "skipped": "⏭️",
    "paused": "⏸️",
    "stopped": "⏹️",
}
_URGENT: tuple[State, ...] = ("failed", "needs-you", "running", "paused", "waiting")
_LEVEL = {"said": "", "info": "", "warning": "⚠️ ", "error": "❌ "}
# Characters by part; together they stay below Slack's limit for one message.
_PLAN, _POINTS, _ERRORS, _FILES, _MENU = 4_000, 2_000, 1_500, 2_000, 1_000
_DRAFTS = 1_200
_SKILLS = 300
_FEW, _RETRIES = 2, 5
_FACTS, _WORDS, _ASKED = 9_000, 11_000, 2_500


def message(item: Item) -> SlackMessage:
    """Returns the item as a Slack message."""
    match item:
        case CardItem(card=card):
            return card_message(card)
        case PointItem():
            return _point(item)
        case WordsItem():
            return _words(item)
        case FileItem():
            return _file(item)
        case PictureItem(text=text):
            return SlackMessage(b.notice(text), (b.rich(b.words(b.line(plain(text), 600))),))


def card_message(card: Card, *, page: bool = False) -> SlackMessage:
    """Returns the live card. A `page` has no buttons and no plan; what failed is listed instead."""
    task = TaskId(card.task)
    head = f"{_SIGN[card.state]} {b.line(card.title, 150)}"
    made = [b.rich(b.words(head, bold=True), b.words(f"\n{b.line(gist(card.headline, 240), 300)}"))]
    shown = () if page else _shown(card.rows)
    if shown:
        made.append(_plan(card, shown))
    made += [_draft(title, text) for title, text in draft_words(card.drafts, _DRAFTS)]
    made += _lists(card, shown)
    if not page:
        made += b.actions(_buttons(card, task)) + _menu(card, task)
    return SlackMessage(b.notice(f"{card.title}: {card.headline}"), (*made, b.context(*_footer(card))))


def _shown(rows: tuple[StepRow, ...]) -> tuple[StepRow, ...]:
    """Returns the rows that fit, in the plan's order; rows that failed or need someone are the last to be dropped."""
    if len(rows) <= TASKS:
        return rows
    rank = {state: at for at, state in enumerate(_URGENT)}
    kept = {id(row) for row in sorted(rows, key=lambda row: rank.get(row.state, len(rank)))[:TASKS]}
    return tuple(row for row in rows if id(row) in kept)


def _plan(card: Card, shown: tuple[StepRow, ...]) -> Block:
    each = _PLAN // len(shown)
    more = f", {len(card.rows) - len(shown)} not shown here" if len(shown) < len(card.rows) else ""
    tasks = [_task(row, at, each) for at, row in enumerate(shown)]
    return {
        "type": "plan",
        "title": f"Plan {card.plan_version}: {counted(len(card.rows), 'step')}{more}",
        "tasks": tasks,
    }


def _task(row: StepRow, at: int, budget: int) -> Block:
    sign = f"{_SIGN[row.state]} " if row.state in ("needs-you", "skipped", "paused", "stopped") else ""
    task: Block = {
        "type": "task_card",
        "task_id": f"{at}:{row.id}"[:250],
        "title": sign + b.line(row.title, min(120, max(30, budget // 3))),
        "status": _STATUS[row.state],
    }
    least, most = 36, min(300, budget // 2)
    told = row.problem if row.state == "failed" else ""
    asks = row.state == "needs-you" and bool(row.doing)
    if not asks and (said := plain(told or row.summary)):
        return task | {"output": b.rich(b.words(b.line(said, max(least, most))))}
    waits = f"{row.agent} · {row.waits}" if row.agent and row.waits else row.waits
    if doing := row.doing or waits:
        return task | {"details": b.rich(b.words(b.line(doing, max(least, most))))}
    return task


def _draft(title: str, text: str) -> Block:
    """Shows the newest words of what a model is still writing."""
    return b.rich(b.words(f"✍️ {b.line(title, 120)}", bold=True), b.words(f"\n{b.literal(text).strip() or '…'}"))


def _lists(card: Card, shown: tuple[StepRow, ...]) -> list[Block]:
    """Shows what waits for people, what went wrong, and the files."""
    points = [plain(point.title) for point in waiting(card.checkpoints)]
    hidden = [f"{row.title}: {plain(row.problem)}" for row in card.rows if row.state == "failed" and row not in shown]
    wrong = hidden + [plain(post.text) for post in reversed(card.posts) if post.level == "error"]
    files = [f"{one.file.name} · {one.verdict}{_trouble(one.problems)}" for one in card.files]
    parts = (
        (f"✋ Needs you ({len(points)})", b.shares(points, _POINTS)),
        ("❌ What went wrong", b.shares(list(dict.fromkeys(wrong)), _ERRORS)),
        ("📎 Files", b.shares(files, _FILES)),
    )
    return [b.rich_lines(title, lines) for title, lines in parts if lines]


def _trouble(problems: tuple[str, ...]) -> str:
    return f" · ⚠️ {'; '.join(problems)}" if problems else ""


def _buttons(card: Card, task: TaskId) -> list[Block]:
    """Shows the card's own buttons and those of failed rows."""
    own = [(button, b.line(button.label, 40)) for button in card.buttons]
    failed = [(button, f"{button.label}: {b.line(row.title, 30)}") for row, button in _pressed_often(card)]
    made = [b.button(task, button, at, label=label) for at, (button, label) in enumerate([*own, *failed])]
    return made[: 2 * b.BUTTONS_A_ROW]


def _pressed_often(card: Card) -> list[tuple[StepRow, Button]]:
    """Shows what people can do with failed steps; of many, only a few retries, so that the card isn't a wall of
    buttons."""
    failed = [(row, button) for row in card.rows if row.state == "failed" for button in row.buttons]
    few = len({row.id for row, _ in failed}) <= _FEW
    return failed if few else [(row, button) for row, button in failed if button.verb == "retry"][:_RETRIES]


def _menu(card: Card, task: TaskId) -> list[Block]:
    """Shows everything else that people can do with a step, in one menu."""
    options: dict[str, Block] = {}
    spent = 0
    shown = {(button.verb, button.ref) for _, button in _pressed_often(card)}
    for row in sorted(card.rows, key=lambda r: _rank(r.state)):
        for button in (one for one in row.buttons if (one.verb, one.ref) not in shown):
            label = f"{button.label}: {b.line(row.title, 50)}"
            value = b.choice(task, button)
            if value and len(options) < b.OPTIONS and (spent := spent + len(label)) <= _MENU:
                options.setdefault(value, {"text": b.plain(label, b.OPTION_TEXT), "value": value})
    if not options:
        return []
    element = {
        "type": "static_select",
        "action_id": b.PICK,
        "placeholder": b.plain("Choose an action for a step…", 150),
        "options": list(options.values()),
    }
    return [{"type": "actions", "elements": [element]}]


def _rank(state: State) -> int:
    return _URGENT.index(state) if state in _URGENT else len(_URGENT)


def _footer(card: Card) -> list[str]:
    parts = [f"{card.spent} · {counted(card.turns, 'turn')}"] if card.turns else []
    findings = sum(1 for finding in card.findings if not finding.superseded)
    if findings:
        parts.append(counted(findings, "finding"))
    if card.skills:
        parts.append(b.line(f"Skills: {', '.join(card.skills)}", _SKILLS))
    if card.rehearsal:
        parts.append("Rehearsal: no model is set")
    return parts or ["threadwork"]


def _point(item: PointItem) -> SlackMessage:
    point = item.point
    sign = {"approval": "✋", "question": "❓", "deliverable": "📎", "skill": "📘"}[point.kind]
    title = plain(point.title)
    asked = b.words(f"{sign} {b.line(title, 500)}", bold=True)
    made = [b.rich(*b.mention(item.ping), asked, b.words(f"\n{b.line(item.title, 150)}"))]
    if len(title) > 500 or title.count("\n") > 1:
        asked, left = prose(point.title, _ASKED)
        made += asked + ([_rest(left, item.link)] if left else [])
    made += _facts(point, item.link)
    if point.decided:
        signed = b.line(point.decided, 500)
        made.append(b.rich(b.words(f"✔️ {signed}"), *b.moment(point.decided_at)))
    buttons: list[Button] = [one for one in point.buttons if b.leads(one)][: 3 * b.BUTTONS_A_ROW]
    made += b.actions(b.button(item.task, button, at) for at, button in enumerate(buttons))
    if point.decided:
        return SlackMessage(b.notice(f"{point.title}: {point.decided}"), tuple(made))
    return SlackMessage(b.notice(f"Needs you: {point.title}"), tuple(made))


def _facts(point: Checkpoint, link: str) -> list[Block]:
    """Shows labels with exact values; if a value doesn't fit, it says how much is missing."""
    made: list[Block] = []
    missing = 0
    facts = [(fact.label, fact.value) for fact in point.facts]
    if not point.decided:
        facts += [(field.label, " / ".join(field.options) or "…") for field in point.fields]
    shown = facts[:40]
    each = _FACTS // max(1, len(shown))
    for label, value in shown:
        text = b.literal(value)
        if len(text) > each - 80:
            kept = max(20, each - 140)
            missing += len(text) - kept
            text = f"{text[:kept]}… ({len(text) - kept} more characters: open the workspace)"
        name = b.words(b.line(label, 80) + (" " if label.strip().endswith("?") else ": "), bold=True)
        made.append(b.rich(name, *([b.words(text)] if text.strip() else [])))
    if len(shown) < len(facts):
        made.append(b.rich(b.words(f"{len(facts) - len(shown)} more lines: open the workspace", bold=True)))
    return [*made, _rest(missing, link)] if missing and link else made


def _words(item: WordsItem) -> SlackMessage:
    sign = _LEVEL[item.level]
    made, left = prose(item.text, _WORDS, lead=sign, link=item.link)
    if left:
        made.append(_rest(left, item.link))
    if item.ping:
        made.insert(0, b.rich(*b.mention(item.ping)))
    return SlackMessage(b.notice(sign + item.text), tuple(made or [b.rich(b.words(f"{sign}…"))]))


def _rest(left: int, link: str) -> Block:
    """Says how much is missing, and where it is."""
    if not link:
        return b.rich(b.words(f"({left} more characters: open the workspace)"))
    where = {"type": "link", "url": link[:2_900], "text": "Read the full text in the workspace"}
    return b.rich(b.words(f"{left} more characters. "), where)


def _file(item: FileItem) -> SlackMessage:
    """Returns the line above a file: what it is, whose it is, how it was judged, and what is wrong with it."""
    file = item.line
    name = b.line(file.file.name, 250)
    title = b.words(f"📎 {name}", bold=True)
    said = b.line(plain(file.words), 600)
    stands = b.words(f" · {file.edition} · {b.line(file.verdict, 150)}")
    about = f"\n{said}\nBy {b.line(file.by, 100)}"
    traced = f" · {counted(file.findings, 'finding')} behind it" if file.findings else ""
    made_with = f"\nMade with {b.line(', '.join(file.skills), _SKILLS)}" if file.skills else ""
    made = [b.rich(title, stands, *b.moment(file.judged), b.words(about + traced + made_with))]
    if wrong := b.shares(file.problems, _ERRORS):
        made.append(b.rich_lines("⚠️ Checks found", wrong))
    if item.link:
        link = {"type": "link", "url": item.link[:2_900], "text": "Open it in the workspace"}
        made.append(b.rich(b.words("It's too large to send here. "), link))
    return SlackMessage(b.notice(f"{name}: {file.words}"), tuple(made))
