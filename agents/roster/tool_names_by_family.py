"""Names the tools that an agent can have, by family. Pure. A test compares them with the tools that there are."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "files": (
        "list_files", "read_file", "write_file", "edit_file", "search_files", "archive_extract", "csv_write",
    ),
    "code": ("run_python", "run_shell", "shell_output", "shell_input", "shell_stop", "make_patch"),
    "browser": (
        "browser_open", "browser_snapshot", "browser_click", "browser_type", "browser_select", "browser_hover",
        "browser_press", "browser_upload", "browser_send", "browser_scroll", "browser_wait", "browser_back",
        "browser_extract", "browser_download", "browser_screenshot",
    ),
    "search": ("web_search",),
    "data": ("data_look", "data_query", "data_clean"),
    "sheets": ("sheet_read", "sheet_write", "sheet_change", "sheet_chart"),
    "word": ("document_read", "document_write", "document_edit"),
    "slides": ("slides_read", "slides_write", "slides_edit"),
    "pdf": ("pdf_make", "pdf_fill", "pdf_merge", "pdf_split", "pdf_picture"),
    "pictures": ("look_at", "chart_picture"),
    "findings": ("share_finding", "read_findings", "wait_for_findings", "uses_of_findings"),
    "people": ("ask_person", "ask_to_take_over"),
    "delivery": ("deliver",),
}  # fmt: skip
"""Every tool that an agent's file may list."""
DESCRIBED: Mapping[str, str] = {
    "files": "List, read, write, and search the task's files",
    "code": "Run Python and shell commands in the sandbox",
    "browser": "Read and use web pages in a real browser",
    "search": "Search the web",
    "data": "Look at, query, and clean tables",
    "sheets": "Read, write, and change spreadsheets",
    "word": "Read, write, and edit Word documents; read other documents",
    "slides": "Read, write, and edit slides",
    "pdf": "Make, fill, merge, and split PDFs",
    "pictures": "Look at files and draw charts",
    "findings": "Share findings with the other agents, and read theirs",
    "people": "Ask a person, or let one take over the page",
    "delivery": "Hand in files",
}
"""What each family is for, as people read it."""
TOOLS = frozenset(name for names in FAMILIES.values() for name in names)
_IN_THE_TASK = frozenset({*FAMILIES["findings"], *FAMILIES["people"], *FAMILIES["delivery"]}) - {"uses_of_findings"}
JUDGED = TOOLS - _IN_THE_TASK
"""Those that pass the gate, so that a policy can speak about them."""


def expanded(names: Sequence[str]) -> tuple[str, ...]:
    """Returns the tools of these tools and families, each once, in order."""
    return tuple(dict.fromkeys(tool for name in names for tool in FAMILIES.get(name, (name,))))


def nearest(name: str, among: Sequence[str]) -> str:
    """Returns `Did you mean …?` with the name that looks most like it; without one, the names that there are."""
    near = get_close_matches(name.lower().replace("-", "_"), among, n=1, cutoff=0.6)
    near = near or get_close_matches(name.lower(), among, n=1, cutoff=0.6)
    return f"Did you mean {near[0]!r}?" if near else f"Use {listed(among)}." if among else ""


def listed(names: Sequence[str]) -> str:
    """Returns the names as words, at most twenty of them."""
    shown = [*names[:20], *(["…"] if len(names) > 20 else [])]
    return ", ".join(shown)
