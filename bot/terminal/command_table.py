"""Lists what each command runs, loaded by name on first use.

That keeps `threadwork --help` fast: pydantic, rich and the rest take most of a second.
"""

from pkgutil import resolve_name
from typing import Any

import click

WORK = {
    "up": "bot.terminal.up:up",
    "ask": "bot.terminal.ask:ask",
    "tasks": "bot.terminal.tasks:tasks",
    "show": "bot.terminal.tasks:show",
    "log": "bot.terminal.task_press_log:log",
    "approve": "bot.terminal.approve:approve",
    "doctor": "bot.terminal.doctor:doctor",
    "try-model": "bot.terminal.try_model:try_model",
    "tool": "bot.terminal.run_tool:tool",
    "logins": "bot.terminal.logins:listed",
    "logins add": "bot.terminal.logins:add",
    "logins remove": "bot.terminal.logins:remove",
    "agents": "bot.terminal.agents:listed",
    "agents show": "bot.terminal.agents:show",
    "agents check": "bot.terminal.agents:check",
    "agents try": "bot.terminal.agents:try_out",
    "agents rollback": "bot.terminal.agents:roll_back",
    "skills": "bot.terminal.skills:listed",
    "skills show": "bot.terminal.skills:show",
    "skills check": "bot.terminal.skills:check",
    "skills trust": "bot.terminal.skills:trust",
    "skills install": "bot.terminal.skills:install",
    "skills restore": "bot.terminal.skills:restore",
    "connectors list": "bot.terminal.connectors:listed",
    "connectors add": "bot.terminal.connectors:add",
    "connectors test": "bot.terminal.connectors:test",
    "connectors sign-in": "bot.terminal.connectors:sign_in",
    "connectors sign-out": "bot.terminal.connectors:sign_out",
    "connectors remove": "bot.terminal.connectors:remove",
    "mcp": "bot.terminal.mcp:mcp",
    "mcp token add": "bot.terminal.mcp:add_token",
    "mcp token list": "bot.terminal.mcp:list_tokens",
    "mcp token remove": "bot.terminal.mcp:remove_token",
    "migrate": "bot.terminal.tasks:migrate",
    "invite": "bot.terminal.tasks:invite",
    "sessions": "bot.terminal.sessions:listed",
    "sessions end": "bot.terminal.sessions:end_one",
    "sessions remove": "bot.terminal.sessions:remove_person",
}
"""What each command runs, with the settings in force."""


def run(context: click.Context, command: str, *arguments: object, **more: Any) -> None:
    """Runs the coroutine of a row of WORK with the settings in force and exits with the code it returns."""
    from bot.terminal import run_command

    settings = context.obj | {name: more.pop(name) for name in ("web",) if name in more}
    work = resolve_name(WORK[command])
    raise click.exceptions.Exit(run_command.run(settings, work, *arguments, **more))
