"""How people here call us: every next step that we print begins with the words that they typed themselves."""

from bot.config.settings import command_name


def next_step(words: str) -> str:
    """A command line to type, e.g. `./run up`."""
    return f"{command_name()} {words}"


def told(text: str) -> str:
    """A sentence from a deeper layer, which knows us as `threadwork` only, with the command as it is called here."""
    return renamed(text, command_name())


def renamed(text: str, name: str) -> str:
    """The text with every command in backticks, like `threadwork init`, under that name. Pure."""
    return text.replace("`threadwork ", f"`{name} ")
