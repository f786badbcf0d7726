"""Turns passages into rich text, in which Slack finds no mention, link or emphasis of its own. Pure."""

from collections.abc import Iterator, Sequence

from bot.cards.markdown import Passage, passages, within
from bot.slack import blocks as b
from bot.slack.blocks import Block

PIECE = 2_900
_OVERHEAD = 2


def prose(text: str, most: int, *, lead: str = "", link: str = "") -> tuple[list[Block], int]:
    """Returns Markdown as blocks of at most `most` characters, after a `lead`, and how many characters are left out.
    `link`: an address of our own that people can follow."""
    found, left = within(passages(b.literal(text)), most - len(lead), lambda p: len(p.text) + _OVERHEAD)
    elements: list[Block] = []
    if lead and (not found or found[0].kind not in ("words", "heading")):
        elements.append(_section([b.words(lead.strip())]))
        lead = ""
    for at, passage in enumerate(found):
        _add(elements, found[at - 1] if at else None, passage, lead if at == 0 else "", link)
    return _pieces(elements), left


def _add(elements: list[Block], before: Passage | None, passage: Passage, lead: str, link: str) -> None:
    runs = [part for run in _runs(passage) for part in (_linked(run, link) if link else (run,))]
    last = elements[-1] if elements else None
    match passage.kind:
        case "item":
            _item(elements, last, passage, runs)
        case "code":
            elements.append({"type": "rich_text_preformatted", "elements": runs})
        case "quote":
            elements.append({"type": "rich_text_quote", "elements": runs})
        case "rule":
            elements.append(_section([b.words("―――\n")]))
        case "words" | "heading":
            if passage.depth and last and last["type"] == "rich_text_list":
                last["elements"][-1]["elements"] += [b.words("\n"), *runs]
            elif last and last["type"] == "rich_text_section":
                gap = "\n" if before and before.kind == "heading" else "\n\n"
                last["elements"] += [b.words(gap), *runs]
            else:
                gap = "\n" if last and last["type"] != "rich_text_preformatted" else ""
                opening = [b.words(gap + lead)] if gap or lead else []
                elements.append(_section([*opening, *runs]))


def _item(elements: list[Block], last: Block | None, passage: Passage, runs: list[Block]) -> None:
    style = "ordered" if passage.number else "bullet"
    look = {"type": "rich_text_list", "style": style, "indent": min(passage.depth - 1, 8)}
    if last and all(last.get(name) == value for name, value in look.items()):
        last["elements"].append(_section(runs))
        return
    offset = {"offset": passage.number - 1} if passage.number > 1 else {}
    elements.append({**look, **offset, "elements": [_section(runs)]})


def _runs(passage: Passage) -> list[Block]:
    heading = passage.kind == "heading"
    return [
        b.words(run.text, bold=run.bold or heading, code=run.code, italic=run.italic, strike=run.strike)
        for run in passage.runs
    ]


def _linked(run: Block, link: str) -> Iterator[Block]:
    """Yields the run with the address as a link."""
    for number, text in enumerate(run["text"].split(link)):
        if number:
            yield {"type": "link", "url": link, "text": link}
        if text:
            yield {**run, "text": text}


def _section(runs: Sequence[Block]) -> Block:
    return {"type": "rich_text_section", "elements": list(runs)}


def _pieces(elements: Sequence[Block]) -> list[Block]:
    """Puts elements into as many blocks as needed; anything longer than a block continues in the next one."""
    made: list[list[Block]] = [[]]
    room = PIECE
    for element in (part for whole in elements for part in _parts(whole)):
        size = b.weight(element["elements"])
        if size > room and made[-1]:
            made.append([])
            room = PIECE
        made[-1].append(element)
        room -= size
    return [{"type": "rich_text", "elements": part} for part in made if part]


def _parts(element: Block) -> list[Block]:
    """Splits an element into parts of one block each; runs are cut where necessary."""
    if element["type"] == "rich_text_list":
        parts = [_in_runs(item) for item in element["elements"]]
        return [element] if all(len(p) == 1 for p in parts) and b.weight(element["elements"]) <= PIECE else [
            {**element, "elements": [one]} for part in parts for one in part
        ]  # fmt: skip
    return _in_runs(element)


def _in_runs(element: Block) -> list[Block]:
    parts: list[list[Block]] = [[]]
    room = PIECE - 400
    for run in element["elements"]:
        text = str(run["text"])
        while text:
            if room <= 0:
                parts.append([])
                room = PIECE - 400
            parts[-1].append({**run, "text": text[:room]})
            text, room = text[room:], room - len(text[:room])
    return [{**element, "elements": part} for part in parts if part]
