"""Passes data into and out of the sandbox: a request as JSON, text as the answer, an exit code for a refusal."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agents.tools.data.in_sandbox.refusal import BookUnreadable, CannotDo
from agents.tools.data.in_sandbox.saved_file_answer import MADE, Saved
from orchestrator.domain.escape_file_names import shown

REQUEST = "/code/request.json"
REFUSED, UNREADABLE = 3, 4
MOST_WORDS = 28_000


def main(run: Callable[[dict[str, Any]], str | Saved]) -> None:
    """Prints the answer to the request on standard output, with how a file was made at the end.

    Exit code 3: the output is a refusal's sentence; 4: it is, and LibreOffice may read the workbook.
    """
    try:
        answer = run(json.loads(Path(REQUEST).read_text("utf-8")))
    except CannotDo as error:
        _end(str(error), UNREADABLE if isinstance(error, BookUnreadable) else REFUSED)
    except MemoryError:
        _end("The data needs more memory than a command may use. Extract part of the file with run_python first.")
    except OSError as error:
        _end(f"{shown(str(error.filename or 'A file'))!r} can't be used: {error.strerror}.")
    else:
        words = answer.words if isinstance(answer, Saved) else answer
        sys.stdout.write(words if len(words) <= MOST_WORDS else f"{words[:MOST_WORDS]}\n[… the rest was cut]")
        if isinstance(answer, Saved):
            sys.stdout.write(f"{MADE}{json.dumps(answer.made)}")


def _end(words: str, code: int = REFUSED) -> None:
    sys.stdout.write(words)
    sys.exit(code)
