"""Says why a sandbox couldn't be started on this machine, and what to do about it. Pure."""

import re
from typing import NamedTuple


class _Cause(NamedTuple):
    """`sign`: the program's message in this case. `words`: a sentence and the next step; {path} is what it named."""

    sign: re.Pattern[str]
    words: str


_PATH = r"(?P<path>/[^:\n]+)"
_CAUSES = (
    _Cause(
        re.compile(r"new namespace|new user namespace|uid map|Creating new user|loopback: Failed RTM"),
        "this machine forbids user namespaces. Allow them (sysctl user.max_user_namespaces, and on Ubuntu "
        "kernel.apparmor_restrict_unprivileged_userns=0), or run threadwork outside this container.",
    ),
    _Cause(
        re.compile(rf"(?:Can't find source path|Can't bind mount) {_PATH}: (?:Permission denied|No such file)"),
        "the user that runs the agent host can't reach {path!r}. Give that user access to its parent folders, or move "
        "it.",
    ),
    _Cause(
        re.compile(rf"{_PATH}: failed to map segment from shared object"),
        "{path!r} is on a file system that is mounted 'noexec'. Mount it without that option, or move "
        "the checkout to another one.",
    ),
    _Cause(
        re.compile(rf"failed to execute {_PATH}: Permission denied"),
        "{path!r} can't be executed; its file system may be mounted 'noexec'. Mount it without that option, or "
        "use another Python.",
    ),
    _Cause(
        re.compile(rf"failed to execute {_PATH}: No such file"),
        "the interpreter {path!r} can't be found inside the sandbox. Install your system's Python and create the "
        "environment again.",
    ),
    _Cause(
        re.compile(r"error while loading shared libraries: (?P<path>[^:\s]+)"),
        "the interpreter needs the library {path!r}, which isn't visible inside the sandbox. Create the "
        "environment with your system's Python.",
    ),
    _Cause(
        re.compile(r"Unknown option --?(?P<path>[\w-]+)"),
        "this bubblewrap doesn't have the option {path!r}. Install bubblewrap 0.8 or newer.",
    ),
)


def because(output: str) -> str:
    """Returns the cause as a sentence without its first capital; empty if it's unknown."""
    for cause in _CAUSES:
        if found := cause.sign.search(output):
            return cause.words.format(**found.groupdict())
    return ""
