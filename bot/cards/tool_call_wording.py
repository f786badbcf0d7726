"""How a tool call reads: a table of sentences by tool name. Pure."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from pydantic import JsonValue

from orchestrator.domain import connector_tool_names
from orchestrator.domain.tool_calls import Call

_SAID: Mapping[str, tuple[str, str, str]] = {
    "web_search": ("Searching the web for", "query", ""),
    "browser_open": ("Reading", "url", ""),
    "browser_snapshot": ("Looking at the page", "", ""),
    "browser_click": ("Clicking on the page", "", ""),
    "browser_type": ("Typing into the page", "", ""),
    "browser_select": ("Choosing", "options", "on the page"),
    "browser_hover": ("Hovering over the page", "", ""),
    "browser_press": ("Pressing", "key", "on the page"),
    "browser_upload": ("Choosing", "path", "on the page"),
    "browser_send": ("Sending what was held back for", "message", ""),
    "browser_wait": ("Waiting for", "text", "on the page"),
    "browser_scroll": ("Scrolling the page", "", ""),
    "browser_back": ("Going back a page", "", ""),
    "browser_extract": ("Reading the page", "", ""),
    "browser_download": ("Downloading to", "path", ""),
    "browser_screenshot": ("Taking a screenshot of the page", "", ""),
    "list_files": ("Looking through the files", "", ""),
    "read_file": ("Reading", "path", ""),
    "write_file": ("Writing", "path", ""),
    "edit_file": ("Changing", "path", ""),
    "search_files": ("Searching the files for", "pattern", ""),
    "run_python": ("Running Python", "", ""),
    "run_shell": ("Running", "command", ""),
    "shell_output": ("Reading a command’s output", "", ""),
    "shell_input": ("Sending input to a command", "", ""),
    "shell_stop": ("Stopping a command", "", ""),
    "sheet_write": ("Filling in the sheet from", "cell", ""),
    "sheet_change": ("Formatting the sheet", "sheet", ""),
    "sheet_read": ("Reading the sheet", "path", ""),
    "sheet_chart": ("Drawing a chart on the sheet", "", ""),
    "document_write": ("Writing", "path", ""),
    "document_edit": ("Changing", "path", ""),
    "csv_write": ("Writing", "path", ""),
    "slides_write": ("Creating the slides", "path", ""),
    "slides_edit": ("Changing the slides", "path", ""),
    "slides_read": ("Reading the slides", "path", ""),
    "chart_picture": ("Drawing the chart", "title", ""),
    "pdf_make": ("Creating a PDF from", "source", ""),
    "pdf_merge": ("Merging PDFs into", "path", ""),
    "pdf_split": ("Extracting pages from", "path", ""),
    "pdf_fill": ("Filling in the form", "path", ""),
    "pdf_picture": ("Rendering a page of", "path", ""),
    "archive_extract": ("Extracting", "member", "from its archive"),
    "data_look": ("Exploring the data in", "file", ""),
    "data_query": ("Querying the data", "", ""),
    "data_clean": ("Cleaning up", "file", ""),
    "make_patch": ("Creating the patch", "save_as", ""),
    "document_read": ("Reading", "path", ""),
    "look_at": ("Looking at", "path", ""),
    "share_finding": ("Sharing a finding:", "kind", ""),
    "read_findings": ("Reading the findings", "", ""),
    "uses_of_findings": ("Finding uses of", "findings", ""),
    "wait_for_findings": ("Waiting for findings", "", ""),
    "ask_person": ("Asking", "question", ""),
    "ask_to_take_over": ("Asking someone to take over:", "why", ""),
    "more_tools": ("Getting more tools ready:", "family", ""),
    "deliver": ("Delivering", "path", ""),
    "use_skill": ("Reading the skill", "name", ""),
    "find_tool": ("Looking for a tool:", "words", ""),
}
"""Tool name -> words before, the argument to show, words after."""

DOTS = "••••"
_HIDDEN: Mapping[str, str] = {"browser_type": "text"}
"""Tool name -> the argument that stays hidden."""

_WANTED: Mapping[str, str] = {
    "web_search": "search the web",
    "browser_open": "open",
    "browser_click": "click on",
    "browser_type": "type into",
    "browser_select": "choose an option on",
    "browser_send": "send something to",
    "browser_upload": "upload a file to",
    "browser_download": "download from",
    "run_python": "run Python code",
    "run_shell": "run a command",
    "write_file": "write",
    "edit_file": "change",
    "approve_changed_tools": "keep using a connector whose tools have changed",
}


def call_words(call: Call) -> str:
    """Returns one line for a running call, e.g. `Reading northwind.example/pricing`; an unknown tool shows its name."""
    meant = call.args.get("tool") if call.tool == "call_tool" else None
    return tool_words(meant, {}) if isinstance(meant, str) else tool_words(call.tool, call.args)


def tool_words(tool: str, args: Mapping[str, JsonValue]) -> str:
    """Returns the same as `call_words`, from a tool's name and arguments."""
    if found := connector_tool_names.parts(tool):
        return f"Using {found.tool} of {found.connector}"
    before, argument, after = _SAID.get(tool, (tool.replace("_", " ").capitalize(), "", ""))
    shown = _argument(args.get(argument)) if argument else ""
    return " ".join(part for part in (before, shown, after) if part)


def shown_args(tool: str, args: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Returns the arguments with secrets hidden: text typed into a page may be a password."""
    hidden = _HIDDEN.get(tool)
    return {name: DOTS if name == hidden and value else value for name, value in args.items()}


def unhidden(tool: str, edited: Mapping[str, JsonValue], args: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Returns the edited arguments, with the call's own value wherever the dots are unchanged."""
    hidden = _HIDDEN.get(tool)
    kept = {name: args[name] for name, value in edited.items() if name == hidden and value == DOTS and name in args}
    return {**edited, **kept}


def intent_words(tool: str, target: str) -> str:
    """Returns what an agent wants to do, for the title of an approval, e.g. `open northwind.example`."""
    if found := connector_tool_names.parts(tool):
        return f"use “{found.tool}” of the connector “{found.connector}”"
    verb = _WANTED.get(tool, f"use {tool} on" if target else f"use {tool}")
    return f"{verb} {target}".strip()


def value_words(value: JsonValue) -> str:
    """Returns a finding's or argument's value as text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict) and value and all(not isinstance(v, dict | list) for v in value.values()):
        return ", ".join(f"{k}: {value_words(v)}" for k, v in value.items())
    return json.dumps(value, ensure_ascii=False)


def plain(text: str) -> str:
    """Removes Markdown marks, for places that don't render them; names and formulas keep theirs."""
    if not any(mark in text for mark in "*_`#>[~"):
        return text
    lines = (_MARK.sub("", line) for line in text.split("\n") if not _FENCE.fullmatch(line))
    return "\n".join("".join(_unmarked(piece) for piece in _CODE.split(line)) for line in lines)


_MARK = re.compile(r"^\s{0,3}(?:#{1,6} +|(?:> ?)+)")
_FENCE = re.compile(r"\s{0,3}(?:```|~~~)\s*[\w+-]*\s*")
_CODE = re.compile(r"(`[^`\n]+`)")
_LINK = re.compile(r"!?\[([^\[\]\n]{1,300})\]\((https?://[^()\s]{1,2000})\)")
_EMPHASIS = (
    re.compile(r"\*\*(?!\s)([^*\n]+?)(?<!\s)\*\*"),
    re.compile(r"(?<![\w/.])__(?![\s_])([^\n_]+)(?<!\s)__(?!\w|\.\w)"),
    re.compile(r"(?<![\w*])\*(?![\s*])([^*\n]+?)(?<!\s)\*(?![\w*])"),
    re.compile(r"(?<![\w/.])_(?![\s_])([^_\n]+)(?<!\s)_(?!\w|\.\w)"),
    re.compile(r"~~(?!\s)([^~\n]+?)(?<!\s)~~"),
)


def _unmarked(piece: str) -> str:
    if len(piece) > 2 and piece[0] == piece[-1] == "`":
        return piece[1:-1]
    piece = _LINK.sub(lambda m: m[1] if m[1] == m[2] else f"{m[1]} ({m[2]})", piece)
    for pattern in _EMPHASIS:
        piece = pattern.sub(r"\1", piece)
    return piece


def for_chat(text: str) -> str:
    """Adapts a sentence that names a terminal command for people in a chat."""
    text = text.replace("`threadwork tasks` lists them", "say `tasks` to see yours")
    if not _COMMAND.search(text):
        return text
    return f"{text}\n\n(Commands in `backticks` are for the person who runs threadwork.)"


_COMMAND = re.compile(r"`(?:threadwork |\./run|THREADWORK_)")


def cut(text: str, most: int) -> str:
    """Returns `text` on one line, cut to `most` characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def moment(at: datetime) -> str:
    """Formats a time for a reader in an unknown time zone, e.g. `22 Nov 2026, 15:04 UTC`."""
    return f"{at:%d %b %Y, %H:%M} UTC"


def _argument(value: JsonValue) -> str:
    if value is None:
        return ""
    text = cut(value_words(value), 400)
    if text.startswith(("http://", "https://")):
        try:
            parts = urlsplit(text)
        except ValueError:
            return cut(text, 80)
        text = f"{parts.netloc}{parts.path.rstrip('/')}"
    return cut(text, 80)
