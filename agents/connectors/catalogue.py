"""The catalog of well-known connectors that ships with threadwork."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from pydantic import JsonValue, TypeAdapter

from agents.connectors.package_lock import Package
from orchestrator.domain.base_value import Value

_SUFFIXES = {"npm": "json", "pypi": "txt"}


class CatalogueRow(Value):
    """One connector. `needs`: what a person has to have or give, as people read it.

    `app`: the service registers no apps by itself, so the person needs one.
    """

    about: str
    needs: str
    settings: Mapping[str, JsonValue]
    package: Package | None = None
    app: bool = False


_ROWS: TypeAdapter[dict[str, CatalogueRow]] = TypeAdapter(dict[str, CatalogueRow])


@cache
def catalogue() -> Mapping[str, CatalogueRow]:
    """Returns the rows by name. Blocks."""
    return _ROWS.validate_json(files("agents.connectors").joinpath("catalogue.json").read_bytes())


def lock_of(name: str, package: Package) -> bytes:
    """Returns the lock that ships with a row's package. Blocks."""
    return files("agents.connectors").joinpath("locks", f"{name}.{_SUFFIXES[package.kind]}").read_bytes()
