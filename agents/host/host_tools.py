"""Collects this host's tools once, at its start."""

import asyncio
import importlib
import os
import secrets
from collections.abc import Callable
from functools import partial
from importlib.resources import files
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, NamedTuple, cast

from pydantic import TypeAdapter

from agents.host import host_policy
from agents.host.config import HostConfig
from agents.host.lent_skills import FOLDER
from agents.host.tool_call_worker import AnyToolset, LaterToolset, Toolbox, Toolset
from agents.sandbox import granted_folders
from agents.sandbox.background_processes import Background
from agents.sandbox.bubblewrap_arguments import CHARTS
from agents.sandbox.call_grants import SandboxAccess
from agents.sandbox.open_tested_sandbox import open_sandbox
from agents.sandbox.refuse_without_sandbox import NoSandbox
from agents.tool import Tool
from orchestrator.domain.tool_calls import ToolSpec
from orchestrator.errors import HostFailed

OWN = {
    "files": "agents.tools.files.tools",
    "shell": "agents.tools.shell.tools",
    "office": "agents.tools.office",
    "slides": "agents.tools.slides",
    "charts": "agents.tools.charts",
    "chart fonts": "agents.tools.charts.font_list",
    "reading": "agents.tools.reading",
    "vision": "agents.tools.vision",
    "pdf": "agents.tools.pdf",
    "data": "agents.tools.data",
    "git": "agents.tools.git",
    "browser": "agents.tools.browser",
}
"""Our tools. Loaded by name, in a thread, when one of them is first called: their libraries take seconds."""
_SPECS: TypeAdapter[dict[str, tuple[ToolSpec, ...]]] = TypeAdapter(dict[str, tuple[ToolSpec, ...]])


def _own(name: str) -> Any:
    return resolve_name(OWN[name])


class HostTools(NamedTuple):
    """The tools, and sentences for the owner about what is missing."""

    toolbox: Toolbox
    notices: tuple[str, ...]


async def equip(config: HostConfig) -> HostTools:
    """Collects the tools. Without a working sandbox, none that execute code; as root, no browser either."""
    home = Path(config.home)
    sandbox = NoSandbox(config.as_root) if config.as_root else await open_sandbox(home, config.limits)
    shown = await asyncio.to_thread(granted_folders.look, config.folders, home)
    specs = await asyncio.to_thread(known_specs)
    known: dict[str, bytes] = {}
    access = SandboxAccess(sandbox, shown.shown, config.near, config.limits.upload, known, home / FOLDER)
    workshop = None if sandbox.refused else access
    may_browse = os.geteuid() != 0 and not config.as_root
    sets: list[AnyToolset] = [
        LaterToolset(specs[name], load, has_pages=name == "browser")
        for name, load in own_sets(config, workshop, known).items()
        if name != "browser" or may_browse
    ]
    sets += [_further(name) for name in config.toolsets]
    notices = (sandbox.refused, *shown.notices) if sandbox.refused else shown.notices
    return HostTools(Toolbox(sets), notices)


def known_specs() -> dict[str, tuple[ToolSpec, ...]]:
    """Returns the specs of each set, as `python -m tests.tool_specs` writes them down. Blocks."""
    return _SPECS.validate_json(files("agents.tools").joinpath("specs.json").read_bytes())


def own_sets(
    config: HostConfig, workshop: SandboxAccess | None, known: dict[str, bytes]
) -> dict[str, Callable[[], Toolset]]:
    """Returns what loads each of our sets, which blocks. Without a sandbox, there are none that execute code."""
    sets: dict[str, Callable[[], Toolset]] = {
        "files": lambda: Toolset(tuple(_own("files").TOOLS)),
        "office": partial(_office, config, workshop),
        "browser": partial(_browser, config, Path(config.home) / "browser"),
    }
    if workshop:
        sets |= {"shell": partial(_shell, workshop, known), "data": partial(_data, workshop)}
    return sets


def _shell(workshop: SandboxAccess, known: dict[str, bytes]) -> Toolset:
    known.update({f"{CHARTS}/{name}": content for name, content in _own("chart fonts").font_list().items()})
    commands = Background()
    return Toolset(tuple(_own("shell").tools(workshop, commands)), leave=commands.leave, close=commands.close)


def _data(workshop: SandboxAccess) -> Toolset:
    return Toolset((*_own("data").tools(workshop), *_own("git").tools(workshop)))


def _office(config: HostConfig, workshop: SandboxAccess | None) -> Toolset:
    packages = [_own(name) for name in ("office", "slides", "charts", "vision")]
    office, slides, *_ = packages
    inspection = office.inspecting({".pptx": slides.LOOK})
    tools: tuple[Tool, ...] = (*(tool for package in packages for tool in package.TOOLS),)
    tools = (*tools, *_own("reading").tools(config.scan_languages), *_own("pdf").tools(config.browser), inspection)
    return Toolset(_own("git").with_patches(tools, workshop) if workshop else tools, close=office.close)


def _browser(config: HostConfig, home: Path) -> Toolset:
    browser = _own("browser")
    home.mkdir(exist_ok=True)
    one = browser.Browser(
        config.browser,
        home,
        as_root=False,
        patience=config.page_seconds,
        near=config.near,
        key=config.login_key or secrets.token_hex(32),
        permits=partial(host_policy.opens, policy=config.policy),
    )
    pages = browser.BrowserTakeovers(one)
    return Toolset(tuple(browser.tools(one)), leave=pages.leave, close=pages.close, pages=pages)


def _further(name: str) -> Toolset:
    module, _, attribute = name.partition(":")
    try:
        tools: object = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise HostFailed(f"The toolset {name!r} can't be loaded: {error}. Write it as 'module:NAME'.") from error
    if isinstance(tools, Toolset):
        return tools
    if not isinstance(tools, list | tuple):
        raise HostFailed(f"The toolset {name!r} must be a list of tools.")
    rows = cast("list[object]", tools)
    return Toolset(tuple(tool for tool in rows if isinstance(tool, Tool)))
