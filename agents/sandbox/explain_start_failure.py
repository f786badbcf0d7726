"""Says why a sandbox couldn't be started on this machine, and what to do about it. Pure."""

import re
from typing import NamedTuple


class _Cause(NamedTuple):
    """`sign`: the program's message in this case. `words`: a sentence and the next step; {path} is what it named."""

    sign: re.Pattern[str]
    words: str


class NamespaceRules(NamedTuple):
    """What on this machine may forbid an ordinary user's program to create namespaces.

    `apparmor`: Ubuntu's rule for programs without a profile. `clone`: Debian's older switch, off. `none`: the largest
    number of user namespaces is 0. `container`: we run in one.
    """

    apparmor: bool = False
    clone: bool = False
    none: bool = False
    container: bool = False


_NAMESPACES = re.compile(r"new namespace|new user namespace|uid map|Creating new user|loopback: Failed RTM")
_PROC = re.compile(r"Can't mount proc")
_APPARMOR = (
    "echo 'abi <abi/4.0>, profile bwrap /usr{,/local}/bin/bwrap flags=(unconfined) { userns, }' | "
    "sudo tee /etc/apparmor.d/bwrap && sudo apparmor_parser -r /etc/apparmor.d/bwrap"
)
_SYSCTL = "echo '%s' | sudo tee /etc/sysctl.d/60-threadwork.conf && sudo sysctl --system"
_UNCONFINED = " ".join(f"--security-opt {name}=unconfined" for name in ("seccomp", "apparmor", "systempaths"))
_PATH = r"(?P<path>/[^:\n]+)"
_CAUSES = (
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


def because(output: str, rules: NamespaceRules) -> str:
    """Returns the cause as a sentence without its first capital; empty if it's unknown."""
    if _NAMESPACES.search(output):
        return _forbidden(rules)
    if _PROC.search(output):
        return f"this container hides parts of /proc. Start it with `{_UNCONFINED}`."
    for cause in _CAUSES:
        if found := cause.sign.search(output):
            return cause.words.format(**found.groupdict())
    return ""


def _forbidden(rules: NamespaceRules) -> str:
    """Says what forbids namespaces, with the command that allows them and goes on doing so after a restart."""
    if rules.container:
        return f"this container forbids user namespaces. Start it with `{_UNCONFINED}`."
    if rules.none:
        return f"this machine forbids user namespaces. Allow them: `{_SYSCTL % 'user.max_user_namespaces=15000'}`."
    if rules.clone:
        return f"this machine forbids user namespaces. Allow them: `{_SYSCTL % 'kernel.unprivileged_userns_clone=1'}`."
    if rules.apparmor:
        return f"AppArmor prevents bubblewrap from creating user namespaces. Allow it: `{_APPARMOR}`."
    return "this machine forbids user namespaces. Run threadwork where they're allowed, for example outside a chroot."
