"""Measures the space that text needs."""

from collections.abc import Sequence
from typing import NamedTuple

from agents.tools.slides.font_metrics import face
from agents.tools.slides.text_styles import Paragraph, SlideRun


class Size(NamedTuple):
    """Points; `lines` counts wrapped lines."""

    width: float
    height: float
    lines: int


def text_size(paragraphs: Sequence[Paragraph], width: float) -> Size:
    """The size of paragraphs wrapped to `width` points."""
    high, wide, count = 0.0, 0.0, 0
    for n, paragraph in enumerate(paragraphs):
        widths = _wrapped(paragraph.runs, max(1.0, width - paragraph.margin))
        line = paragraph.exact or max(_line(r) for r in paragraph.runs) * paragraph.spacing
        high += len(widths) * line + (paragraph.before if n else 0) + paragraph.after
        wide = max(wide, paragraph.margin + max(widths))
        count += len(widths)
    return Size(wide, high, count)


def words_width(text: str, size: float, family: str, *, bold: bool = False) -> float:
    return face(family, bold=bold).width(text, size)


def lines_of(text: str, size: float, family: str, width: float, *, bold: bool = False) -> int:
    """Returns how many lines a single run takes in `width` points."""
    return len(_wrapped([SlideRun(text, size, bold, family, None)], width))


def line_widths(paragraph: Paragraph, width: float) -> list[float]:
    """Returns each line's width of a paragraph in `width` points."""
    return _wrapped(paragraph.runs, max(1.0, width - paragraph.margin))


def _line(run: SlideRun) -> float:
    return face(run.family, bold=run.bold).height(run.size)


def _wrapped(runs: Sequence[SlideRun], width: float) -> list[float]:
    """Returns each line's width; breaks at blanks, and inside a word only if it is wider than the line."""
    lines = [0.0]
    pending = 0.0
    for run in runs:
        shape = face(run.family, bold=run.bold)
        size = run.size * (0.66 if run.raised else 1)
        for k, part in enumerate(run.text.replace("\v", "\n").split("\n")):
            if k:
                lines.append(0.0)
                pending = 0.0
            for piece in _pieces(part):
                w = shape.width(piece, size)
                if piece.isspace():
                    pending += w
                    continue
                if lines[-1] and lines[-1] + pending + w > width:
                    lines.append(0.0)
                    pending = 0.0
                lines[-1] += pending + w
                pending = 0.0
                while lines[-1] > width * 1.001:
                    over = lines[-1] - width
                    lines[-1] = width
                    lines.append(over)
    return lines


def _pieces(text: str) -> list[str]:
    """Returns words, blanks, and every ideograph separately: CJK text breaks between any two."""
    found: list[str] = []
    for sign in text:
        wide = ord(sign) >= 0x2E80
        if found and not wide and found[-1].isspace() == sign.isspace() and ord(found[-1][-1]) < 0x2E80:
            found[-1] += sign
        else:
            found.append(sign)
    return found
