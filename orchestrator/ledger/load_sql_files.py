"""Reads SQL from the files beside this module: named queries, and the numbered migrations."""

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Literal, NamedTuple

Database = Literal["sqlite", "postgres"]


class Migration(NamedTuple):
    """One migration; `number` counts from 1."""

    number: int
    statements: tuple[str, ...]


def queries(database: Database) -> Mapping[str, str]:
    """Returns that database's queries by their `-- name:`."""
    text = (files("orchestrator.ledger") / f"{database}.sql").read_text()
    _, *parts = re.split(r"^-- name: (\w+)$", text, flags=re.MULTILINE)
    return {name: without_comments(body).rstrip(";") for name, body in zip(parts[::2], parts[1::2], strict=True)}


def migrations(database: Database) -> tuple[Migration, ...]:
    """Returns all migrations of that database, in order."""
    folder = files("orchestrator.ledger") / "migrations" / database
    steps = sorted((f for f in folder.iterdir() if re.match(r"\d{4}_.*\.sql$", f.name)), key=lambda f: f.name)
    return tuple(Migration(int(f.name[:4]), statements(f.read_text())) for f in steps)


def schema(database: Database) -> tuple[str, ...]:
    """Returns the statements that create the newest schema at once."""
    return statements((files("orchestrator.ledger") / "migrations" / database / "schema.sql").read_text())


def statements(script: str) -> tuple[str, ...]:
    """Returns the statements of a script. Our scripts contain no semicolon inside a string or a function body."""
    return tuple(s.strip() for s in without_comments(script).split(";") if s.strip())


def without_comments(sql: str) -> str:
    return "\n".join(line for line in sql.splitlines() if not line.startswith("--")).strip()
