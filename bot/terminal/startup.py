"""`threadwork up` from its first moment: says what it is doing while the rest of the program loads."""

from collections.abc import Callable

import click

from bot.terminal.startup_progress import Steps


def up(run: Callable[..., None], **more: object) -> None:
    """Runs `threadwork up`, and says what the start is doing, including the imports."""
    steps = Steps(lambda words: click.secho(words, dim=True), "Loading the program")
    try:
        run(steps=steps, **more)
    finally:
        steps.stop()
