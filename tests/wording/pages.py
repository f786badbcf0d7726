"""Strings of templates, scripts, prompts and manifests."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from tests.wording.row import Row, is_prose, one_line

_READ_ATTRIBUTES = {"title", "placeholder", "aria-label", "alt", "data-sure", "label", "value"}
_QUOTED = re.compile(r'"((?:[^"\\\n]|\\.)*)"|\'((?:[^\'\\\n]|\\.)*)\'|`((?:[^`\\]|\\.)*)`')
_COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->", re.S)
_SCRIPT_COMMENT = re.compile(r"^\s*//.*$|\s// .*$", re.M)
_CODE = re.compile(r"\{\{(.*?)\}\}|\{%(.*?)%\}", re.S)


def html_rows(source: str) -> Iterator[Row]:
    """Yields texts, readable attributes, and the prose inside Jinja's own expressions."""
    source = _COMMENT.sub("", source)
    for code in _CODE.finditer(source):
        for quoted in _QUOTED.finditer(code[1] or code[2]):
            text = quoted[1] or quoted[2] or ""
            if is_prose(text) and "<" not in text:
                yield Row("page", one_line(text))
    plain = re.sub(r"\{%.*?%\}", " ", re.sub(r"\{\{.*?\}\}", "{}", source, flags=re.S), flags=re.S)
    found = _Texts()
    found.feed(plain)
    found.close()
    yield from (
        Row("page", one_line(re.sub(r"\s+", " ", text))) for text in found.texts if re.search(r"[A-Za-z]{2}", text)
    )


def script_rows(source: str) -> Iterator[Row]:
    """Yields the prose among the literals of a script."""
    for quoted in _QUOTED.finditer(_SCRIPT_COMMENT.sub("", source)):
        text = next((g for g in quoted.groups() if g), "")
        text = re.sub(r"\$\{[^}]*\}", "{}", text)
        if is_prose(text) and not re.search(r"[\[#=]|^\.", text):
            yield Row("script", one_line(text))


def prompt_rows(source: str) -> Iterator[Row]:
    """Yields each line of a prompt or a skill."""
    yield from (Row("prompt", one_line(line)) for line in source.splitlines() if re.search(r"[A-Za-z]{2}", line))


def yaml_rows(source: str) -> Iterator[Row]:
    """Yields the prose among the values of a manifest."""
    for value in re.findall(r"^\s*(?:- )?[\w-]+: (.+)$", source, flags=re.M):
        if is_prose(value.split(" #")[0].strip("\"'")):
            yield Row("text", one_line(value.split(" #")[0].strip("\"'")))


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in _READ_ATTRIBUTES and value and (name != "value" or is_prose(value)):
                self.texts.append(value)

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append(data.strip())
