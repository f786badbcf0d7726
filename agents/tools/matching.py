"""Finds lines that match a regular expression. A program of its own, so that it can be killed; run by `files.py`.

Argument: the host's process id. Standard input: a JSON line with the pattern, then one per file: [path, text].
Standard output: words for the agent.
"""

import ctypes
import json
import os
import re
import signal
import sys

MOST_FOUND = 200
LONGEST_LINE = 2000
_PR_SET_PDEATHSIG = 1
_LONGEST_LIFE = 15


def main() -> int:
    """Returns 1, with a sentence on the output, when the pattern is no regular expression."""
    _end_with_the_host(int(sys.argv[1]))
    source = sys.stdin
    try:
        wanted = re.compile(json.loads(source.readline()))
    except re.error as error:
        sys.stdout.write(f"The pattern is no regular expression: {error}. Escape special characters with a backslash.")
        return 1
    found = 0
    for row in source:
        path, text = json.loads(row)
        for number, line in enumerate(text.splitlines(), 1):
            if wanted.search(line[:LONGEST_LINE]):
                found += 1
                if found > MOST_FOUND:
                    sys.stdout.write(f"… more than {MOST_FOUND} lines match; use a narrower pattern.\n")
                    return 0
                sys.stdout.write(f"{path}:{number}: {line[:300]}\n")
    return 0


def _end_with_the_host(host: int) -> None:
    """A host that was killed cannot end us, and a wicked pattern would run on for years."""
    signal.alarm(_LONGEST_LIFE)
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != host:  # it was killed before we asked to be told
        sys.exit(1)


if __name__ == "__main__":
    sys.exit(main())
