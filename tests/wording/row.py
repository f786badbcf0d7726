"""One row of the table, and what counts as prose."""

import re
from typing import NamedTuple


class Row(NamedTuple):
    """A string and what it is: `error`, `label`, `help`, `tool`, `field`, `log`, `text`, `page`, `script`, `prompt`."""

    kind: str
    text: str


_WORD = re.compile(r"(?<![\w/.\\<=-])[A-Za-z][a-z'’]*[a-z](?![\w/\\=])")
_LABEL = re.compile(r"[A-Z][a-z]{2,}(…|\.|:|!|\?)?")
_CODE = re.compile(
    r"^\s*(select|insert into|update \w+ set|delete from|create|with \w+ as|alter|SELECT|INSERT|PRAGMA|BEGIN|SET)\b"
    r"|^\s*(import|from) \w+"
    r"|\n\s*(def|import|from|function|const|let|return|for) |=>|\(\?[:P!=<]|</\w+>|;base64|document\.|\.query"
    r"|^[\w-]+: [\w#(]+;"
)


def is_prose(text: str) -> bool:
    """Says whether people would read this: at least two words, or one capitalised word, and no code."""
    if _CODE.search(text):
        return False
    return bool(_LABEL.fullmatch(text.strip())) or (" " in text.strip() and len(_WORD.findall(text)) >= 2)


def one_line(text: str) -> str:
    """Returns the text on one line, with line breaks as `⏎`."""
    return re.sub(r"[\s\x00-\x1f]+", " ", text.strip().replace("\n", "⏎"))
