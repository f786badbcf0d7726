"""Tasks about long conversations: a server that cuts them without saying so fails here. Pure."""

from agents.model_trial.tasks.shared_tools import READ_FILE
from agents.model_trial.trial_task import PASSED, Attempt, Graded, TrialTask, failed, figures, left_out

_PLACES = ("north dock", "south dock", "cold store", "packing hall", "yard", "customs desk", "workshop", "mezzanine")
_THINGS = ("pallets", "crates", "barrels", "parcels", "cable drums", "spare tires", "paint tins")
_MIDDLE, _LONG = 300, 1_000
"""Lines; each is about 18 tokens."""


def log_lines(count: int, *, special: int, line: str) -> str:
    """Returns a log of that many lines with one special line in it."""
    lines = [
        f"{n:04d} {n * 7 % 24:02d}:{n * 13 % 60:02d} moved {n % 9 + 2} {_THINGS[n % 7]} to the {_PLACES[n * 5 % 8]}"
        for n in range(1, count + 1)
    ]
    lines[special] = line
    return "\n".join(lines)


def _figure(attempt: Attempt) -> Graded:
    if not attempt.named("read_file"):
        return left_out(attempt, "didn't read the file")
    return PASSED if 6174 in figures(attempt.text) else failed(f"failed to find a specific line among {_MIDDLE}")


def _remembered(attempt: Attempt) -> Graded:
    if not attempt.text.strip().upper().startswith("MARLIN"):
        return failed("forgot its first instruction in a long conversation; its server may truncate long conversations")
    return PASSED if 9337 in figures(attempt.text) else failed(f"failed to find a specific line among {_LONG}")


TASKS = (
    TrialTask(
        name="finds a specific line among three hundred",
        kind="long context",
        request="Read dock.log and tell me the number of the customs seal noted in it.",
        tools=(READ_FILE,),
        answers={"read_file": log_lines(_MIDDLE, special=171, line="0172 04:16 customs seal noted: number 6174")},
        judge=_figure,
    ),
    TrialTask(
        name="remembers its instructions in a long conversation",
        kind="long context",
        instructions="Begin every answer with the word MARLIN.",
        request="Here is the dock's log.\n\n"
        + log_lines(_LONG, special=420, line="0421 08:33 weighbridge reading: 9337 kg")
        + "\n\nWhat was the weighbridge reading in kg? Answer in one line.",
        tools=(READ_FILE,),
        judge=_remembered,
        uses_tools=False,
    ),
)
