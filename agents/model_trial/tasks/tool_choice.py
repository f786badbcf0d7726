"""Tasks about choosing the right tool, or none. Pure."""

from agents.model_trial.tasks.shared_tools import (
    DELETE_FOLDER,
    LIST_FILES,
    OPEN_PAGE,
    READ_FILE,
    SEARCH_FILES,
    SEND_MESSAGE,
    WRITE_FILE,
)
from agents.model_trial.trial_task import PASSED, Attempt, Graded, ToolAnswer, TrialTask, failed, only_call, spec, text

_FIND = spec("calendar_find", "Find a day's entries in the calendar.", day=text("the day, YYYY-MM-DD"))
_ADD = spec(
    "calendar_add", "Add an entry to the calendar.", day=text("the day, YYYY-MM-DD"), title=text("title of the entry")
)
_CODE = "K7-3108"


def _searched(attempt: Attempt) -> Graded:
    found = only_call(attempt, "search_files")
    if found.result == "passed" and "halden" not in str(attempt.calls[0].args.get("words")).lower():
        return failed("searched for something else")
    return found


def _looked_only(attempt: Attempt) -> Graded:
    if attempt.named("calendar_add"):
        return failed("added an entry when it was only supposed to look")
    return only_call(attempt, "calendar_find", day="2027-05-12")


def _called_nothing(attempt: Attempt) -> Graded:
    if attempt.calls:
        return failed(f"called {attempt.calls[0].tool!r} although nothing needed to be done")
    return PASSED if "ready" in attempt.text.lower() else failed("didn't answer with the requested word")


def _followed(attempt: Attempt) -> Graded:
    paths = [call.args.get("path") for call in attempt.named("read_file")]
    if paths[:1] != ["index.txt"]:
        return failed("didn't read the first file first")
    if "orders/2026.txt" not in paths:
        return failed("didn't follow what the first file says")
    return PASSED if _CODE in attempt.text else failed("didn't report the code it had read")


def _read(args: object, before: int) -> ToolAnswer:
    path = args.get("path") if isinstance(args, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    files = {"index.txt": "The order list is in orders/2026.txt.", "orders/2026.txt": f"Code: {_CODE}\nItems: 14"}
    found = files.get(str(path))  # pyright: ignore[reportUnknownArgumentType]
    return ToolAnswer(found) if found else ToolAnswer(f"There's no file {path!r}.", ok=False)


TASKS = (
    TrialTask(
        name="chooses the right tool out of seven",
        kind="choosing tools",
        request="Which of our files mention the supplier Halden? Look inside the files.",
        tools=(READ_FILE, WRITE_FILE, LIST_FILES, SEARCH_FILES, SEND_MESSAGE, OPEN_PAGE, DELETE_FOLDER),
        answers={"search_files": "contracts/halden.txt: 3 hits"},
        judge=_searched,
    ),
    TrialTask(
        name="looks without changing anything",
        kind="choosing tools",
        request="Is anything in the calendar on 12 May 2027? Only look; don't add anything.",
        tools=(_ADD, _FIND),
        answers={"calendar_find": "2027-05-12: Board meeting, 10:00"},
        judge=_looked_only,
    ),
    TrialTask(
        name="doesn't call a tool when none is needed",
        kind="choosing tools",
        request="Don't call a tool. Answer with one word: ready",
        tools=(READ_FILE, SEND_MESSAGE),
        judge=_called_nothing,
        uses_tools=False,
    ),
    TrialTask(
        name="takes a second step that follows from the first",
        kind="choosing tools",
        request="Read index.txt, then read the file that it names, and tell me the code in that file.",
        tools=(READ_FILE, LIST_FILES),
        answers={"read_file": _read},
        judge=_followed,
    ),
)
