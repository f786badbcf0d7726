"""Says why a browser couldn't be started on this machine, and what to do about it. Pure."""

import re
from typing import NamedTuple

LIBRARIES = {"libatomic.so.1": "libatomic1", "libstdc++.so.6": "libstdc++6", "libgcc_s.so.1": "libgcc-s1"}
"""What Playwright's driver needs, and Debian's packages of it. A package of a browser brings what the browser needs."""
_BROWSER = "chromium-headless-shell"
_LIBRARY = re.compile(r"error while loading shared libraries: (?P<library>[^:\s]+)")


class _Cause(NamedTuple):
    """`sign`: what the browser or its driver printed. `words`: a sentence and the next step."""

    sign: re.Pattern[str]
    words: str


_SANDBOX = re.compile(r"No usable sandbox|sandboxing failed|Failed to move to new namespace")
_LAUNCHED = re.compile(r"<launching> (?P<program>\S+)")
_APPARMOR = (
    "AppArmor prevents the browser from creating its own sandbox. Allow it: `echo 'abi <abi/4.0>, "
    "profile threadwork-browser %s flags=(unconfined) { userns, }' | sudo tee /etc/apparmor.d/threadwork-browser && "
    "sudo apparmor_parser -r /etc/apparmor.d/threadwork-browser`."
)
_CAUSES = (
    _Cause(
        _SANDBOX,
        "the browser can't create its own sandbox on this machine. Install chromium-sandbox, or allow user namespaces.",
    ),
    _Cause(
        re.compile(r"[Ee]xecutable doesn't exist|spawn \S+ ENOENT"),
        f"it isn't installed. Install {_BROWSER}.",
    ),
    _Cause(
        re.compile(r"No space left on device|ENOSPC"),
        "the disk with the agent host's temporary files is full. Free some space.",
    ),
    _Cause(
        re.compile(r"E(?:NOENT|ROFS|ACCES|PERM)\b.*mkdtemp"),
        "the agent host's folder for temporary files is missing or isn't writable. Restart threadwork, or set "
        "THREADWORK_HOME to a folder that you own.",
    ),
    _Cause(
        re.compile(r"spawn \S+ EACCES"),
        f"the user that runs the agent host may not run the browser. Install {_BROWSER}, or allow that user to run it.",
    ),
)


def because(said: str, *, apparmor: bool = False) -> str:
    """Returns the cause as a sentence without its first capital; empty if it's unknown.

    `apparmor`: programs without a profile may not create user namespaces, as on Ubuntu.
    """
    if apparmor and _SANDBOX.search(said) and (launched := _LAUNCHED.search(said)):
        return _APPARMOR % launched["program"]
    if found := _LIBRARY.search(said):
        library = found["library"]
        return f"the library {library!r} is missing. Install {LIBRARIES.get(library, _BROWSER)}."
    return next((cause.words for cause in _CAUSES if cause.sign.search(said)), "")
