"""Checks everything threadwork needs. Each check takes from part of a second to a few, so run them off the event
loop."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from bot.bootstrap import libreoffice_status
from bot.config.check import HealthCheck
from bot.config.command_name import next_step
from bot.config.settings import Settings, browser_names
from bot.doctor.accounts import accounts
from bot.doctor.import_name_conflicts import clashes
from orchestrator.private_files import passable_folder, too_open

SPACE_NEEDED, SPACE_WANTED = 200_000_000, 2_000_000_000
FONTS = {"Carlito": "fonts-crosextra-carlito", "Caladea": "fonts-crosextra-caladea", "Liberation": "fonts-liberation"}
NOBODY = 65534
_BATTERY = "import sys; sys.path.append(sys.argv[1]); from agents.host.run_escape_attempts import main; main()"


def optional(settings: Settings) -> tuple[str, ...]:
    """Lists what is missing and what it would add; fast enough for every start."""
    missing = (
        (settings.models.chosen is None, "No model is set, so the rehearsal is used. For real work, run "
         f"`{next_step('init')}`, or set OPENAI_API_KEY or ANTHROPIC_API_KEY."),
        (find_browser(settings) is None, "No browser was found. Agents need one to read web pages: install chromium "
         "or chromium-headless-shell."),
        *((True, words) for words in office_hints()),
        (settings.search.chosen is None, settings.search.problem or "No web search is set up. To let agents find "
         "pages on their own, set SEARXNG_URL, BRAVE_API_KEY, or TAVILY_API_KEY."),
        (sys.platform == "linux" and shutil.which("bwrap") is None, "bubblewrap is missing. Agents need it to run "
         "Python and shell commands in a sandbox: install bubblewrap."),
    )  # fmt: skip
    return tuple(words for lacks, words in missing if lacks)


def find_browser(settings: Settings) -> str | None:
    """Returns the browser to use: the setting, else the first one on the PATH."""
    if settings.browser.path is not None:
        return str(settings.browser.path)
    return next((found for name in browser_names() if (found := shutil.which(name))), None)


def office_hints() -> list[str]:
    """Lists the missing parts of LibreOffice and poppler, and what each would add; fast."""
    program = libreoffice_status.soffice()
    absent = (
        (*libreoffice_status.KINDS, libreoffice_status.BRIDGE)
        if program is None
        else libreoffice_status.missing_files(program) or ()
    )
    packages = libreoffice_status.installing(absent) if absent else ""
    hints: list[str] = []
    if program is None:
        hints.append("LibreOffice is missing. Agents need it to check documents, compute formulas, and show pages: "
                     f"install {packages}.")  # fmt: skip
    elif absent:
        hints.append(f"LibreOffice lacks {_lacks(absent)}: install {packages}.")
    if shutil.which("pdftoppm") is None:
        hints.append("pdftoppm is missing. Agents need it to turn documents into pictures: install poppler-utils.")
    return hints


def _lacks(parts: Sequence[libreoffice_status.LibreOfficePart]) -> str:
    """Describes the parts and what each is for."""
    *first, last = [f"{part.name} (for {part.purpose})" for part in parts]
    return f"{', '.join(first)} and {last}" if first else last


def machine_checks(settings: Settings) -> list[HealthCheck]:
    """Runs every check that needs neither the database nor a model. Blocks for seconds."""
    return [
        python(), package_names(), home(settings), browser(settings), office(), sandbox(), fonts(), port(settings),
        models(settings), search(settings), *accounts(settings), *links(settings),
    ]  # fmt: skip


def python() -> HealthCheck:
    version = ".".join(map(str, sys.version_info[:3]))
    return HealthCheck("python", "ok", f"Python {version} at {sys.executable}")


def package_names() -> HealthCheck:
    found = clashes()
    return (
        HealthCheck("packages", "fail", found[0])
        if found
        else HealthCheck("packages", "ok", "no name conflicts with other packages")
    )


def home(settings: Settings) -> HealthCheck:
    trial = settings.home / f".doctor-{os.getpid()}"
    try:
        passable_folder(settings.home)
        trial.write_text("x")
        trial.unlink()
        free = shutil.disk_usage(settings.home).free
    except OSError as error:
        words = f"The data folder {str(settings.home)!r} isn't writable: {error.strerror}."
        return HealthCheck("home", "fail", words, "Set THREADWORK_HOME to a folder that you own.")
    if open_ := sorted(path.name for path in too_open(settings.home)):
        words = f"Other accounts on this machine have access to {str(settings.home)!r}: {', '.join(open_[:5])}."
        return HealthCheck("home", "fail", words, "Start threadwork once; it removes that access.")
    words = f"{settings.home}, {free / 1e9:.1f} GB free"
    if free < SPACE_NEEDED:
        return HealthCheck("home", "fail", words, "Free some space, or set THREADWORK_HOME to another disk.")
    return HealthCheck("home", "ok" if free > SPACE_WANTED else "warn", words)


def browser(settings: Settings) -> HealthCheck:
    """Starts it, headless, and opens an empty page."""
    program = find_browser(settings)
    if program is None:
        then = "Install chromium-headless-shell (Debian) or Chrome, or set THREADWORK_BROWSER__PATH."
        return HealthCheck("browser", "warn", "No browser was found, so agents can't read pages.", then)
    sandboxed = ["--no-sandbox"] if os.geteuid() == 0 else []
    command = [program, "--headless", "--disable-gpu", *sandboxed, "--dump-dom", "about:blank"]
    problem = _problem(command, seconds=60)
    if problem:
        return HealthCheck("browser", "fail", f"{program} doesn't start: {problem}", "Install chromium-headless-shell.")
    return HealthCheck("browser", "ok", f"{program} starts")


def office() -> HealthCheck:
    """Starts LibreOffice and looks for each of its parts."""
    program = libreoffice_status.soffice()
    if program is None:
        words = "LibreOffice is missing, so agents can't see the pages of documents, and formulas aren't computed."
        return HealthCheck(
            "office",
            "warn",
            words,
            f"Install {libreoffice_status.installing((*libreoffice_status.KINDS, libreoffice_status.BRIDGE))}.",
        )
    problem = _problem([program, "--version"], seconds=60)
    if problem:
        return HealthCheck("office", "fail", f"{program} doesn't start: {problem}")
    absent = [*libreoffice_status.missing_kinds(program)]
    if _problem([libreoffice_status.python_of(program), "-I", "-c", "import uno"], seconds=20):
        absent.append(libreoffice_status.BRIDGE)
    if absent:
        return HealthCheck(
            "office", "warn", f"{program} lacks {_lacks(absent)}.", f"Install {libreoffice_status.installing(absent)}."
        )
    if shutil.which("pdftoppm") is None:
        return HealthCheck(
            "office",
            "warn",
            "pdftoppm is missing, so agents can't see the pages of documents.",
            "Install poppler-utils.",
        )
    return HealthCheck("office", "ok", f"{program} starts and stays running")


def sandbox() -> HealthCheck:
    """Tries to escape from it, as the unprivileged user that the agent host would be."""
    program = shutil.which("bwrap")
    refused = "so Python and shell commands are refused"
    if program is None:
        return HealthCheck("sandbox", "warn", f"bubblewrap is missing, {refused}.", "Install the package bubblewrap.")
    command = [program, "--ro-bind", "/", "/", "--unshare-all", "--die-with-parent", "true"]
    problem = _problem(command, seconds=20, unprivileged=os.geteuid() == 0)
    if problem:
        words = f"bubblewrap can't create a sandbox here, {refused}: {problem}"
        return HealthCheck(
            "sandbox", "warn", words, "Allow unprivileged user namespaces, or run outside this container."
        )
    return _battery(program)


def _battery(program: str) -> HealthCheck:
    """Reports what `agents.host.run_escape_attempts` finds; an escape is a failure: the host would still run code."""
    root = os.geteuid() == 0
    command = [sys.executable, "-I", "-c", _BATTERY, str(Path(__file__).resolve().parents[2])]
    problem, said = _ran(command, seconds=120)
    if problem:
        then = "Run it again as a user who isn't root." if root else "Update bubblewrap."
        return HealthCheck("sandbox", "warn", f"{program}: the escape attempts couldn't run: {problem}", then)
    found = json.loads(said)
    took = f"({found['seconds']} s{', as an unprivileged user, because root proves nothing' if root else ''})"
    words = f"{program}: of {found['tried']} escape attempts,"
    if found["out"]:
        then = "Stop threadwork, update bubblewrap, and run doctor again. Until then, don't let agents run code here."
        return HealthCheck("sandbox", "fail", f"{words} these succeeded {took}: {found['out']}", then)
    return HealthCheck("sandbox", "ok", f"{words} none succeeded {took}")


def fonts() -> HealthCheck:
    program = shutil.which("fc-list")
    if program is None:
        return HealthCheck(
            "fonts", "warn", "fc-list is missing, so the installed fonts are unknown.", "Install fontconfig."
        )
    told = subprocess.run([program, ":", "family"], capture_output=True, text=True, check=False, timeout=60).stdout
    missing = [package for family, package in FONTS.items() if family not in told]
    if missing:
        return HealthCheck(
            "fonts", "warn", "Pictures of documents use substitute fonts.", f"Install {', '.join(missing)}."
        )
    return HealthCheck("fonts", "ok", ", ".join(FONTS))


def port(settings: Settings) -> HealthCheck:
    """Checks whether the web workspace could listen; the caller notices a hub of ours that already does."""
    where = f"{settings.web.host}:{settings.web.port}"
    try:
        family = socket.getaddrinfo(settings.web.host, settings.web.port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((settings.web.host, settings.web.port))
    except OSError as error:
        return HealthCheck(
            "port",
            "warn",
            f"{where} can't be used: {error.strerror}.",
            "Set THREADWORK_WEB__PORT; 0 picks a free port.",
        )
    return HealthCheck("port", "ok", f"{where} is free")


def models(settings: Settings) -> HealthCheck:
    chosen = settings.models.chosen
    if chosen is None:
        return HealthCheck(
            "model", "warn", "No model is set, so the rehearsal is used.", f"Run `{next_step('init')}`, or set a key."
        )
    return HealthCheck("model", "ok", f"{chosen}, not checked; `{next_step('doctor --live')}` checks it")


def search(settings: Settings) -> HealthCheck:
    it = settings.search
    if it.chosen is None:
        words = (
            it.problem
            or "No web search is set up, so agents open only pages that people name or that other pages link to."
        )
        then = "Set SEARXNG_URL, BRAVE_API_KEY, or TAVILY_API_KEY; for more, see deploy/settings.md."
        return HealthCheck("search", "warn", words, "Set it, or choose another `search.kind`." if it.problem else then)
    return HealthCheck("search", "ok", f"{it.chosen}, not checked; `{next_step('doctor --live')}` checks it")


def links(settings: Settings) -> list[HealthCheck]:
    """Adds a row if chats would show links that only work on this machine."""
    web = settings.web
    if not any(it.serves for it in settings.platforms.values()) or web.url or not _own(web.host):
        return []
    then = "Set `web.url` to the address where people reach the workspace from other machines."
    return [HealthCheck("links", "warn", "Links in chats work only on this machine.", then)]


def _own(host: str) -> bool:
    """Returns whether an address means each reader's own machine: loopback, or the one for all interfaces."""
    try:
        address = ip_address(host)
    except ValueError:
        return host.lower() == "localhost"
    return address.is_loopback or address.is_unspecified


class _Ran(NamedTuple):
    """Returns what went wrong with a program, from its last output (empty if it ended well), and all it printed."""

    problem: str
    said: str = ""


def _problem(command: Sequence[str | Path], *, seconds: float, unprivileged: bool = False) -> str:
    return _ran(command, seconds=seconds, unprivileged=unprivileged).problem


def _ran(command: Sequence[str | Path], *, seconds: float, unprivileged: bool = False) -> _Ran:
    user = NOBODY if unprivileged else None
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, cwd="/", check=False,
            user=user, group=user, extra_groups=[] if unprivileged else None,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return _Ran(f"no response within {seconds:.0f} s")
    except OSError as error:
        return _Ran(error.strerror or str(error))
    last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
    problem = "" if done.returncode == 0 else last[0] if last else f"exit code {done.returncode}"
    return _Ran(problem, done.stdout.decode(errors="replace").strip())
