"""Checks everything threadwork needs. Each check takes from part of a second to a few, so run them off the event
loop."""

import os
import shutil
import socket
import sys
from ipaddress import ip_address

from bot.bootstrap.own_agents import listed
from bot.bootstrap.skills import installed
from bot.config.command_name import next_step, told
from bot.config.health_check import HealthCheck
from bot.config.settings import Settings
from bot.config.web_address_errors import remedy
from bot.doctor.chat_accounts import accounts
from bot.doctor.import_name_conflicts import clashes
from bot.doctor.program_checks import browser, fonts, git, office, sandbox, scans
from orchestrator.domain.plural import counted
from orchestrator.private_files import passable_folder, too_open

_MOST_SKIPPED = 5
SPACE_NEEDED, SPACE_WANTED = 200_000_000, 2_000_000_000


def machine_checks(settings: Settings) -> list[HealthCheck]:
    """Runs every check that needs neither the database nor a model. Blocks for seconds."""
    return [
        python(), package_names(), home(settings), browser(settings), office(), scans(settings), sandbox(), fonts(),
        git(), port(settings), models(settings), search(settings), *accounts(settings), *links(settings),
        skills(settings), agents(settings),
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


def skills(settings: Settings) -> HealthCheck:
    """Looks for skills that can't be used, and says why."""
    rows, problems = installed(settings)
    words = f"{counted(len(rows), 'skill')} can be used"
    if not problems:
        return HealthCheck("skills", "ok", words)
    left = len(problems) - _MOST_SKIPPED
    more = [f"`{next_step('skills')}` lists {left} more."] if left > 0 else []
    return HealthCheck("skills", "warn", " ".join([f"{words}.", *problems[:_MOST_SKIPPED], *more]))


def agents(settings: Settings) -> HealthCheck:
    """Looks for files of agents that can't be used, and says what is wrong with them."""
    lines = listed(settings)
    words = f"{counted(sum(not one.problems for one in lines), 'agent')} can be used"
    problems = [problem for one in lines for problem in (*one.problems, *one.doubts)]
    if not problems:
        return HealthCheck("agents", "ok", words)
    left = len(problems) - _MOST_SKIPPED
    more = [f"`{next_step('agents')}` lists {left} more."] if left > 0 else []
    return HealthCheck("agents", "warn", " ".join([f"{words}.", *map(told, problems[:_MOST_SKIPPED]), *more]))


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


def port(settings: Settings) -> HealthCheck:
    """Checks whether the web workspace could listen; the caller notices a hub of ours that already does."""
    where = f"{settings.web.host}:{settings.web.port}"
    try:
        family = socket.getaddrinfo(settings.web.host, settings.web.port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((settings.web.host, settings.web.port))
    except OSError as error:
        return HealthCheck("port", "warn", f"{where} can't be used: {error.strerror}.", remedy(error))
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
