"""The catalog of well-known connectors that ships with threadwork."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import JsonValue, TypeAdapter

from orchestrator.domain.base_value import Value


class Package(Value):
    """What to install: `name` at `version`, whose file has this hash. `kind`: from PyPI or npm."""

    kind: Literal["pypi", "npm"]
    name: str
    version: str
    sha: str


class CatalogueRow(Value):
    """One connector. `needs`: what a person has to have or give, as people read it."""

    about: str
    needs: str
    settings: Mapping[str, JsonValue]
    package: Package | None = None


_ROWS: TypeAdapter[dict[str, CatalogueRow]] = TypeAdapter(dict[str, CatalogueRow])


@cache
def catalogue() -> Mapping[str, CatalogueRow]:
    """Returns the rows by name. Blocks."""
    return _ROWS.validate_json(files("agents.connectors").joinpath("catalogue.json").read_bytes())
