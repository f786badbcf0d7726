"""Finds lines that match a regular expression. A separate program, so that it can be killed; run by `search.py`.

Argument: the host's process id. Standard input: a JSON line with the request, then one per file: [path, text].
Standard output: text for the agent.
"""

import ctypes
import json
import os
import re
import signal
import sys
from typing import Any

MOST_FOUND = 200
LONGEST_LINE = 2000
_SHOWN = 300
_BEFORE = 100
_PR_SET_PDEATHSIG = 1
_LONGEST_LIFE = 15


def main() -> int:
    """Returns 1, with a sentence on the output, if the pattern isn't a valid regular expression."""
    _end_with_the_host(int(sys.argv[1]))
    asked = json.loads(sys.stdin.readline())
    pattern = re.escape(asked["pattern"]) if asked["literal"] else asked["pattern"]
    try:
        wanted = re.compile(pattern, re.IGNORECASE if asked["ignore_case"] else 0)
    except re.error as error:
        sys.stdout.write(
            f"The pattern isn't a valid regular expression: {error}. Escape special characters, or set 'literal'."
        )
        return 1
    _search(wanted, asked)
    return 0


def _search(wanted: re.Pattern[str], asked: dict[str, Any]) -> None:
    """Writes the matches, then how much was found."""
    matches = files = searched = 0
    for row in sys.stdin:
        path, text = json.loads(row)
        searched += 1
        lines = text.splitlines()
        found = [(n, hit) for n, line in enumerate(lines) if (hit := wanted.search(line[:LONGEST_LINE]))]
        if not found:
            continue
        if asked["show"] == "counts":
            sys.stdout.write(f"{path}: {len(found)}\n")
        else:
            _show(path, lines, dict(found[: max(0, MOST_FOUND - matches)]), asked["context"])
        matches, files = matches + len(found), files + 1
    if not matches:
        sys.stdout.write(f"No matches in {searched} file{'s' * (searched != 1)}.")
        return
    sys.stdout.write(f"[{matches} line{'s' * (matches != 1)} in {files} of {searched} file{'s' * (searched != 1)}]")
    if matches > MOST_FOUND and asked["show"] == "lines":
        sys.stdout.write(f"\n[only the first {MOST_FOUND} are shown; use a narrower pattern, or show 'counts']")


def _show(path: str, lines: list[str], found: dict[int, re.Match[str]], context: int) -> None:
    """Yields the matches with the lines around them; a row of dashes marks omitted lines."""
    last = None
    for number in sorted({n for at in found for n in range(at - context, at + context + 1) if 0 <= n < len(lines)}):
        if context and (last is None or number != last + 1):
            sys.stdout.write("--\n")
        last = number
        if hit := found.get(number):
            sys.stdout.write(f"{path}:{number + 1}: {_around(lines[number], hit.start())}\n")
        else:
            sys.stdout.write(f"{path}-{number + 1}- {_around(lines[number], 0)}\n")


def _around(line: str, place: int) -> str:
    """Cuts a long line to the text around the match."""
    start = max(0, min(place - _BEFORE, len(line) - _SHOWN))
    return ("…" if start else "") + line[start : start + _SHOWN] + ("…" if start + _SHOWN < len(line) else "")


def _end_with_the_host(host: int) -> None:
    """Exits when the host is gone: a killed host can't end us, and a slow pattern could run for years."""
    signal.alarm(_LONGEST_LIFE)
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != host:  # it was killed before we asked to be notified
        sys.exit(1)


if __name__ == "__main__":
    sys.exit(main())
