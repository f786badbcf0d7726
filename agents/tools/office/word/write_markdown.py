"""Writes blocks as Markdown."""

import os.path
import re
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from agents.tools.office.inline_markup import plain
from agents.tools.office.word.blocks import Block, cell_findings, cell_text, decimals, numeric
from agents.tools.office.word.write_docx import Front
from orchestrator.domain.findings import Finding
from orchestrator.domain.ids import FindingId


def write_markdown(path: str, front: Front, blocks: list[Block], findings: tuple[Finding, ...]) -> bytes:
    """Returns the document as Markdown with footnotes; pictures are linked relative to the file."""
    order: dict[FindingId, int] = {}

    def marks(ids: Sequence[str]) -> str:
        return "".join(f"[^{order.setdefault(FindingId(i), len(order) + 1)}]" for i in dict.fromkeys(ids))

    parts = [f"# {front.title}", *([front.subtitle] if front.subtitle else [])]
    for block in blocks:
        match block.type:
            case "heading":
                parts.append(f"{'#' * (block.level + 1)} {block.text}{marks(block.findings)}")
            case "paragraph":
                parts.append(block.text + marks(block.findings))
            case "callout" | "quote":
                parts.append("\n".join(f"> {line}" for line in (block.text + marks(block.findings)).splitlines()))
            case "bullets" | "numbers":
                starts = (f"{n}. " if block.type == "numbers" else "- " for n in range(1, 10_000))
                parts.append(
                    "\n".join(
                        s + i.text + marks([*i.findings, *block.findings])
                        for s, i in zip(starts, block.lines(), strict=False)
                    )
                )
            case "table":
                caption = f"*{block.text}*{marks(block.findings)}\n\n" if block.text else ""
                parts.append(caption + _table(block, marks))
            case "contents":
                parts.append(_contents(blocks))
            case "page_break":
                pass
            case "picture":
                relative = os.path.relpath(block.path, PurePosixPath(path).parent)
                parts.append(f"![{block.text or block.alt}]({relative}){marks(block.findings)}")
    known = {f.id: f for f in findings}
    parts += ["\n".join(f"[^{n}]: {_words(known[i])}" for i, n in order.items())] if order else []
    return ("\n\n".join(parts) + "\n").encode()


def _contents(blocks: list[Block]) -> str:
    """Returns a list of links to the headings, with anchors as usual Markdown readers name them."""
    return "\n".join(
        f"{'  ' * (b.level - 1)}- [{plain(b.text)}](#{_anchor(plain(b.text))})" for b in blocks if b.type == "heading"
    )


def _anchor(text: str) -> str:
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def _table(block: Block, mark: Callable[[tuple[FindingId, ...]], str]) -> str:
    columns = max(len(row) for row in block.rows)
    places = [decimals(block.rows, c) for c in range(columns)]
    lines: list[str] = []
    for n, row in enumerate(block.rows):
        cells = [
            cell_text(c, places[k]).replace("|", "\\|").replace("\n", "<br>") + mark(cell_findings(c))
            for k, c in enumerate(row)
        ]
        lines.append("| " + " | ".join(cells + [""] * (columns - len(cells))) + " |")
        if n == 0:
            below = [[r[c] for r in block.rows[1:] if c < len(r)] for c in range(columns)]
            sides = ["---:" if cells and all(numeric(c) for c in cells) else "---" for cells in below]
            lines.append("| " + " | ".join(sides) + " |")
    return "\n".join(lines)


def _words(finding: Finding) -> str:
    source = finding.source
    if source is None:
        return f"{finding.kind}: the agent's own statement, without a source."
    where = f"<{source.url}>" if source.url else source.where
    locator = f", {source.locator}" if source.locator else ""
    quote = f": “{' '.join(source.quote.split())}”" if source.quote else ""
    seen = f" (seen {source.seen_at:%Y-%m-%d %H:%M %Z})".replace(" )", ")") if source.seen_at else ""
    return f"{where}{locator}{quote}{seen}{'; not checked' if source.unchecked else ''}."
