"""How long after `kill -9` a hub has its agents at work again."""

from pathlib import Path


def report(url: str, home: Path) -> None:
    """Prints the seconds from exec of the new hub to the first model turn it records, over several kills."""
