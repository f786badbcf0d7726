"""Defines the changes to a Word document: one small value per kind of change."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from agents.tools.office.cell_input import Cell
from agents.tools.office.word.blocks import Block

At = Annotated[int | str, Field(description="block number from document_read, or words that occur once")]
Findings = Annotated[
    list[str] | None,
    Field(description="findings behind the paragraph now; default: unchanged; [] removes them"),
]


class _Change(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Replace(_Change):
    """Replaces some words; all others keep their formatting."""

    do: Literal["replace"]
    old: Annotated[str, Field(description="as document_read shows it")]
    new: str
    at: Annotated[int | None, Field(description="the block's number, if 'old' occurs more than once")] = None
    every: Annotated[bool, Field(description="everywhere, including header, footer, and notes")] = False
    findings: Findings = None


class Rewrite(_Change):
    """Rewrites a paragraph, heading, caption or item; unchanged words keep their formatting."""

    do: Literal["rewrite"]
    at: At
    text: str
    findings: Findings = None


class Level(_Change):
    """Makes a paragraph a heading of this level, or with 0 a heading a paragraph."""

    do: Literal["level"]
    at: At
    level: Annotated[int, Field(ge=0, le=3)]


class Insert(_Change):
    """Inserts blocks, formatted like their neighbors."""

    do: Literal["insert"]
    at: At
    where: Literal["before", "after"] = "after"
    blocks: list[Block]


class Delete(_Change):
    do: Literal["delete"]
    at: At
    to: Annotated[int | str | None, Field(description="the last block to delete, if there are several")] = None


class SetCell(_Change):
    do: Literal["cell"]
    at: Annotated[At, Field(description="number of the table")]
    cell: Annotated[str, Field(description="e.g. B3; row 1 is the first")]
    value: Cell


class AddRow(_Change):
    """Adds a row formatted like the one above it."""

    do: Literal["add_row"]
    at: Annotated[At, Field(description="number of the table")]
    row: list[Cell]
    after: Annotated[int | None, Field(ge=1, description="row number; default: the last")] = None


class DeleteRow(_Change):
    do: Literal["delete_row"]
    at: Annotated[At, Field(description="number of the table")]
    row: Annotated[int, Field(ge=1)]


class Settle(_Change):
    """Accepts or rejects the open revisions."""

    do: Literal["accept", "reject"]
    by: Annotated[str, Field(description="only tracked changes by this author; default: all")] = ""


Change = Annotated[
    Replace | Rewrite | Level | Insert | Delete | SetCell | AddRow | DeleteRow | Settle, Field(discriminator="do")
]
