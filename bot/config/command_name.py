"""Knows how people call this program here, so that every printed next step starts with the words they typed."""

from bot.config.settings import command_name


def next_step(words: str) -> str:
    """Returns a command line to type, e.g. `./run up`."""
    return f"{command_name()} {words}"


def told(text: str) -> str:
    """Rewrites a sentence from a deeper layer, which knows us only as `threadwork`, with the command as it is called
    here."""
    return renamed(text, command_name())


def renamed(text: str, name: str) -> str:
    """Replaces the name in every command in backticks, like `threadwork init`. Pure."""
    return text.replace("`threadwork ", f"`{name} ")
