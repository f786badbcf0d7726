"""The steps of a clean-up, as a model writes them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Step(BaseModel):
    model_config = ConfigDict(extra="forbid")


Columns = Annotated[list[str], Field(default=[], description="default: all columns")]
Some = Annotated[list[str], Field(min_length=1)]
Scalar = str | int | float | bool | None


class Trim(_Step):
    """Takes spaces at the ends and doubled ones away."""

    do: Literal["trim"]
    columns: Columns


class Case(_Step):
    do: Literal["case"]
    columns: Some
    to: Literal["lower", "upper", "title", "sentence"]


class Empty(_Step):
    """Makes cells empty that hold a word for nothing, such as 'n/a'."""

    do: Literal["empty"]
    columns: Columns
    values: Annotated[list[str], Field(default=[], description="ignores case; default: the usual placeholders")]


class Number(_Step):
    """Makes numbers of text: currency, thousands, percent, decimal comma."""

    do: Literal["number"]
    columns: Some
    decimal: Annotated[
        Literal["auto", ".", ","], Field(default="auto", description="decimal separator for ambiguous values")
    ]
    unreadable: Literal["keep", "empty"] = "keep"


class Date(_Step):
    do: Literal["date"]
    columns: Some
    formats: Annotated[list[str], Field(min_length=1, description="like '%d.%m.%Y'; the first match is used")]
    unreadable: Literal["keep", "empty"] = "keep"


class Map(_Step):
    do: Literal["map"]
    column: str
    values: Annotated[dict[str, Scalar], Field(min_length=1, description="old value: new value; ignores case")]


class ReplaceValues(_Step):
    do: Literal["replace"]
    columns: Some
    pattern: Annotated[str, Field(min_length=1, description="a Python regular expression")]
    by: str = ""


class Fill(_Step):
    """Fills empty cells with a value, or with the one above."""

    do: Literal["fill"]
    columns: Some
    value: Scalar = None
    above: bool = False


class Split(_Step):
    do: Literal["split"]
    column: str
    at: Annotated[str, Field(min_length=1)]
    into: Annotated[list[str], Field(min_length=2)]


class Rename(_Step):
    do: Literal["rename"]
    names: Annotated[dict[str, str], Field(min_length=1, description="old name: new name")]


class DropColumns(_Step):
    do: Literal["drop_columns"]
    columns: Annotated[list[str], Field(default=[], description="default: all empty columns")]


class DropRows(_Step):
    do: Literal["drop_rows"]
    which: Literal["empty", "repeated_headers", "totals", "matching"]
    column: Annotated[str, Field(default="", description="for 'matching'")]
    pattern: Annotated[str, Field(default="", description="for 'matching': a regular expression")]


class Dedupe(_Step):
    """Drops rows that repeat another one."""

    do: Literal["dedupe"]
    keys: Annotated[list[str], Field(default=[], description="default: all columns")]
    keep: Literal["first", "last"] = "first"


Step = Annotated[
    Trim | Case | Empty | Number | Date | Map | ReplaceValues | Fill | Split | Rename | DropColumns | DropRows | Dedupe,
    Field(discriminator="do"),
]
