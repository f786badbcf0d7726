"""Pairs the clauses of two versions of a contract and prints what changed: `clause_diff.py OLD NEW`.

Reads .docx, .pdf, and text. A clause is a paragraph or a row of a table; notes and headers aren't read. Clauses are
paired by their words, so renumbered and moved ones are found.
"""

import difflib
import re
import sys
from pathlib import Path

ALIKE = 0.55
"""From here on two paragraphs are versions of one clause."""
_NUMBER = re.compile(r"^\s*(?:§\s*)?(\d+(?:\.\d+)*\.?|\([a-z0-9]{1,3}\)|[a-z]\))\s+")


def paragraphs(path: Path) -> list[str]:
    """Returns the file's paragraphs and table rows in reading order."""
    if path.suffix.lower() == ".docx":
        import docx
        from docx.table import Table

        blocks = docx.Document(str(path)).iter_inner_content()
        lines = [
            line
            for block in blocks
            for line in (
                [" | ".join(dict.fromkeys(cell.text for cell in row.cells)) for row in block.rows]
                if isinstance(block, Table)
                else [block.text]
            )
        ]
    elif path.suffix.lower() == ".pdf":
        from pypdf import PdfReader

        text = "\n".join(page.extract_text() for page in PdfReader(path).pages)
        lines = re.split(r"\n(?=\s*(?:§\s*)?\d+(?:\.\d+)*\.?\s+\S)|\n\s*\n", text)
    else:
        lines = re.split(r"\n\s*\n|\n(?=\s*\d+(?:\.\d+)*\.?\s+\S)", path.read_text("utf-8"))
    return [flat for line in lines if (flat := " ".join(line.split()))]


def words(clause: str) -> list[str]:
    """Returns the clause's words without its number."""
    return _NUMBER.sub("", clause).split()


def likeness(a: list[str], b: list[str]) -> float:
    """Returns how many words two clauses share in order, from 0 to 1; exact only from ALIKE on."""
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    quick = min(matcher.real_quick_ratio(), matcher.quick_ratio())
    return matcher.ratio() if quick >= ALIKE else quick


def pairs(old: list[str], new: list[str]) -> list[tuple[int | None, int | None]]:
    """Returns which old clause became which new one, the most alike first; None where there is no counterpart."""
    scores = sorted(
        (
            (likeness(a, b), -abs(n - m), n, m)
            for n, a in enumerate([words(clause) for clause in old])
            for m, b in enumerate([words(clause) for clause in new])
        ),
        reverse=True,
    )
    left, right = dict[int, int](), set[int]()
    for score, _, n, m in scores:
        if score >= ALIKE and n not in left and m not in right:
            left[n] = m
            right.add(m)
    both = [(n, left.get(n)) for n in range(len(old))]
    return [*both, *((None, m) for m in range(len(new)) if m not in right)]


def changed(old: str, new: str) -> str:
    """Returns the new clause with [-removed-] and {+added+} words; empty if only its number or spacing differs."""
    a, b = words(old), words(new)
    if a == b:
        return ""
    parts: list[str] = []
    for kind, a1, a2, b1, b2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(" ".join(a[a1:a2]))
            continue
        if a1 < a2:
            parts.append(f"[-{' '.join(a[a1:a2])}-]")
        if b1 < b2:
            parts.append(f"{{+{' '.join(b[b1:b2])}+}}")
    return " ".join(parts)


def number(clause: str) -> str:
    """Returns the clause's number as printed, or its first words."""
    found = _NUMBER.match(clause)
    return found[1] if found else f"'{' '.join(clause.split()[:4])}'"


def report(old: list[str], new: list[str]) -> str:
    """Returns all differences, and how many clauses there were of each kind."""
    lines: list[str] = []
    same = formal = 0
    for n, m in pairs(old, new):
        if m is None:
            assert n is not None
            lines.append(f"DELETED {number(old[n])}: {old[n]}")
        elif n is None:
            lines.append(f"NEW {number(new[m])}: {new[m]}")
        elif text := changed(old[n], new[m]):
            lines.append(f"CHANGED {number(old[n])} -> {number(new[m])}: {text}")
        elif old[n] != new[m]:
            formal += 1
        else:
            same += 1
    found = len(lines)
    counts = f"different {found}, only renumbered {formal}, the same {same}"
    lines.append(f"Clauses: old {len(old)}, new {len(new)}; {counts}.")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(report(*(paragraphs(Path(name)) for name in sys.argv[1:3])) + "\n")
