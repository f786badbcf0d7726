"""Suggests the next step after a command failed with an unclear message. Pure."""

import re

_NO_NETWORK = re.compile(
    r"could not resolve host|name or service not known|temporary failure in name resolution|network is unreachable"
    r"|nodename nor servname|name resolution|getaddrinfo (?:failed|ENOTFOUND|EAI_AGAIN)",
    re.IGNORECASE,
)
_CONTROL = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])|[\x00-\x08\x0e-\x1a\x7f]"
)
_MISSING = re.compile(r"(\S+): (?:command )?not found$|No module named '([^']+)'", re.MULTILINE)
_FILE_TOO_LARGE = re.compile(r"File size limit exceeded|File too large|\[Errno 27\]")


def plain(output: str) -> str:
    """Returns the output without terminal control codes."""
    return _CONTROL.sub("", output)


def advice(output: str, *, failed: bool, online: bool) -> str:
    """Returns one sentence with the next step, or nothing. `failed`: the command ended on its own with an error."""
    if _FILE_TOO_LARGE.search(output):
        return "A file reached the size limit and was cut off. Write less, or split it into several files."
    if not failed:
        return ""
    if not online and _NO_NETWORK.search(output):
        return "There's no network here. Call again with domains=['host'] to ask people for access."
    if re.search(r"\bMemoryError\b|Cannot allocate memory|std::bad_alloc", output):
        return "Out of memory. Process the data in parts."
    if found := _MISSING.search(output):
        name = found[1] or found[2]
        if name == "git":
            return "git isn't installed on this host. The person who runs it can install git."
        return (
            f"{name!r} isn't installed. Use what's available: the usual shell tools, git, and in run_python pandas, "
            f"duckdb, openpyxl, python-docx, and matplotlib."
        )
    return ""
