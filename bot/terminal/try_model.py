"""`threadwork try-model`: twenty small graded tasks, and one sentence about what the model can be trusted with."""

import json

import click
from rich.console import Console
from rich.text import Text

from bot.bootstrap.model_trial import ModelTrial, TaskResult, whole_trial
from bot.config.settings import Settings

SIGNS = {"passed": ("✓", "green"), "failed": ("✗", "yellow"), "claimed": ("✗", "bold red"), "harmed": ("✗", "bold red")}
EXIT_CODES = {"fit": 0, "with review": 3, "short steps": 3, "not for tools": 1, "unfit": 1}


async def try_model(settings: Settings, name: str | None, *, api_base: str | None, as_json: bool) -> int:
    """Returns 0 for a model that can be trusted with whole tasks, 3 for one that can be with less, 1 for others.

    Raises ModelFailed if it can't be reached.
    """
    name = name or settings.models.chosen
    if not name:
        raise click.UsageError("No model is set. Enter one, e.g. try-model openai/gpt-5.")
    console = Console(highlight=False, stderr=as_json)
    tried = await whole_trial(settings, name, api_base=api_base, on_result=lambda row: _show(console, row))
    if as_json:
        click.echo(json.dumps(_report(tried), indent=2))
    else:
        spent = f"{tried.tokens:,} tokens" + (f", ${tried.cost:.2f}" if tried.cost else "")
        console.print(Text(f"{tried.verdict.sentence}"), soft_wrap=True)
        console.print(Text(f"({spent})", "dim"))
    return EXIT_CODES[tried.verdict.grade]


def _show(console: Console, row: TaskResult) -> None:
    sign, style = SIGNS[row.graded.result]
    reason = f": it {row.graded.reason}" if row.graded.reason else ""
    console.print(Text.assemble((sign, style), f" {row.name}{_printable(reason)}"), soft_wrap=True)


def _report(tried: ModelTrial) -> dict[str, object]:
    tasks = [
        {"task": row.name, "kind": row.kind, "result": row.graded.result, "reason": row.graded.reason}
        for row in tried.results
    ]
    passed = sum(row.passed for row in tried.results)
    verdict = {"grade": tried.verdict.grade, "sentence": tried.verdict.sentence}
    return {"model": tried.model, **verdict, "passed": passed, "of": len(tasks), "tokens": tried.tokens,
            "cost": tried.cost, "tasks": tasks}  # fmt: skip


def _printable(words: str) -> str:
    """Returns the words without what could steer a terminal; a reason may quote the model."""
    return "".join(letter if letter.isprintable() else " " for letter in words)[:400]
