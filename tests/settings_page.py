"""The table of `deploy/settings.md`, made from the settings themselves. `python -m tests.settings_page` renews it."""

import re
from pathlib import Path

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.config.read_settings_sources import names
from bot.platforms import load

PAGE = Path(__file__).parents[1] / "deploy/settings.md"
HEAD = "| setting | default | meaning |\n|---|---|---|\n"
_TABLE = re.compile(re.escape(HEAD) + r"(\|.*\n)*")


def table() -> str:
    """Returns the table, a row for each setting."""
    settings = type(load(environment={}))
    return HEAD + "".join(_row(path, _field(settings, path)) for path in names(settings))


def renewed(page: str) -> str:
    """Returns the page with the table of this version."""
    return _TABLE.sub(lambda _: table(), page)


def _field(settings: type[BaseModel], path: str) -> FieldInfo:
    *sections, name = path.split(".")
    for section in sections:
        inner = settings.model_fields[section].annotation
        assert isinstance(inner, type)
        assert issubclass(inner, BaseModel)
        settings = inner
    return settings.model_fields[name]


def _row(path: str, field: FieldInfo) -> str:
    default = "user's data folder" if path == "home" else _shown(field.get_default(call_default_factory=True))
    return f"| `{path}` | {default} | {field.description} |\n"


def _shown(default: object) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    return "" if default in (None, "", (), {}) else str(default)


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")
