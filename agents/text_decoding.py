"""Decodes text of unknown encoding, and says how sure that is."""

import codecs
from typing import Literal, NamedTuple

from agents.encoding_scores import MULTI, SINGLE, multi_score, single_score
from orchestrator.domain.plural import counted

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8 with a BOM"),
    (b"\xff\xfe\0\0", "utf-32", "UTF-32"),
    (b"\0\0\xfe\xff", "utf-32", "UTF-32"),
    (b"\xff\xfe", "utf-16", "UTF-16"),
    (b"\xfe\xff", "utf-16", "UTF-16"),
)
_UNKNOWN = "\ufffd"
_SAMPLE, _HEAD = 12_000, 4_000
_MIXED = 0.1
"""The share of lines with other letters that have to be UTF-8 before a file counts as joined from two encodings."""
_ALIASES = {"shift-jis": "cp932", "shift_jis": "cp932", "sjis": "cp932", "gbk": "gb18030", "gb2312": "gb18030",
            "latin-1": "cp1252", "latin1": "cp1252", "iso-8859-1": "cp1252", "ansi": "cp1252", "euc-kr": "cp949",
            "macroman": "mac_roman", "mac": "mac_roman", "utf-8": "utf-8-sig", "utf8": "utf-8-sig"}  # fmt: skip
"""Names that programs use for a smaller encoding than the one they write."""
Sure = Literal["certain", "probable", "guess"]


class NotText(ValueError):
    """The content isn't text."""


class NoSuchEncoding(ValueError):
    """Python doesn't have an encoding with this name, or it isn't a text encoding."""


def no_such_encoding(name: str) -> str:
    """Returns the sentence for people and agents."""
    return f"There's no encoding {name!r}. Use a name such as 'cp1252', 'shift_jis', or 'utf-8'."


class DecodedText(NamedTuple):
    """`encoding`: its name for people. `odd`: sentences about what doesn't fit."""

    text: str
    encoding: str
    sure: Sure = "certain"
    odd: tuple[str, ...] = ()

    @property
    def described(self) -> str:
        """Returns the encoding and, unless it's certain, how sure that is."""
        said = {"certain": "", "probable": ", probably", "guess": ", a guess; if words look wrong, pass encoding="}
        return self.encoding + said[self.sure]


def decode(content: bytes, encoding: str = "") -> DecodedText:
    """Returns the text; `encoding` overrides what would be detected. Raises NotText, NoSuchEncoding."""
    if encoding:
        return _asked(content, encoding)
    for mark, codec, name in _MARKS:
        if content.startswith(mark):
            return _replaced(content, codec, name, "certain")
    if b"\0" in content[:_HEAD]:
        return _wide(content)
    try:
        return DecodedText(content.decode(), "UTF-8")
    except UnicodeDecodeError as error:
        if error.end >= len(content) and len(content) > _HEAD:  # cut off in the middle of a character
            return _replaced(content, "utf-8", "UTF-8", "probable")
        return _by_lines(content)


def codec_of(content: bytes) -> tuple[str, bytes]:
    """Returns the codec that writes this text back as it is, and the mark that it begins with. Raises NotText."""
    text = decode(content).text
    for mark, codec, _ in _MARKS:
        if content.startswith(mark):
            ends = {"utf-16": ("utf-16-le", "utf-16-be"), "utf-32": ("utf-32-le", "utf-32-be")}.get(
                codec, ("utf-8", "utf-8")
            )
            return ends[0] if mark[:1] in (b"\xff", b"\xef") else ends[1], mark
    codecs_ = ("utf-8", "utf-16-le", "utf-16-be", *(e.codec for e in (*SINGLE, *MULTI)), "latin-1")
    return next((codec for codec in codecs_ if _wrote(codec, content, text)), "utf-8"), b""


def _wrote(codec: str, content: bytes, text: str) -> bool:
    try:
        return content.decode(codec) == text and text.encode(codec) == content
    except UnicodeError:
        return False


def _asked(content: bytes, encoding: str) -> DecodedText:
    codec = _ALIASES.get(encoding.strip().casefold(), encoding.strip())
    try:
        if not codecs.lookup(codec)._is_text_encoding:  # pyright: ignore
            raise NoSuchEncoding(encoding)
    except LookupError as error:
        raise NoSuchEncoding(encoding) from error
    return _replaced(content, codec, encoding.strip(), "certain")


def _replaced(content: bytes, codec: str, name: str, sure: Sure) -> DecodedText:
    """Decodes; what doesn't fit becomes replacement characters, and is counted."""
    try:
        return DecodedText(content.decode(codec), name, sure)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        text = content.decode(codec, "replace")
        size = counted(text.count(_UNKNOWN), "character")
        words = f"{size} not valid in {name}, first on line {line}, shown as {_UNKNOWN}"
        return DecodedText(text, name, sure, (words,))


def _wide(content: bytes) -> DecodedText:
    """UTF-16 without a mark has a zero in every second byte of digits, spaces and line ends. Raises NotText."""
    even = content[: len(content) // 2 * 2]
    found: list[tuple[float, DecodedText]] = []
    for codec, at in (("utf-16-le", 1), ("utf-16-be", 0)):
        start = even[:_HEAD]
        zeros, wrong = start[at::2].count(0), start[1 - at :: 2].count(0)
        text = even.decode(codec, "replace")
        head = text[: _HEAD // 2]
        strange = sum(not (c.isprintable() or c.isspace()) or c == _UNKNOWN for c in head) / max(1, len(head))
        plain = sum(c.isascii() for c in head) / max(1, len(head))
        if zeros > 4 * wrong and strange <= 0.02 and plain >= 0.03:
            sure: Sure = "certain" if plain > 0.4 else "probable"
            found.append((plain - strange, DecodedText(text, "UTF-16 without a BOM", sure)))
    if not found:
        raise NotText
    return max(found, key=lambda pair: pair[0])[1]


def _by_lines(content: bytes) -> DecodedText:
    """Some lines aren't UTF-8: the file is in another encoding, or files of two encodings were joined."""
    lines = content.split(b"\n")
    utf8, other = list[int](), list[int]()
    for number, line in enumerate(lines, 1):
        if not line.isascii():
            (utf8 if _is_utf8(line) else other).append(number)
    strange = b"\n".join(lines[n - 1] for n in other)
    codec, name, sure = _detected(strange[: max(_SAMPLE, strange.find(b"\n", _SAMPLE))])
    if len(utf8) < max(1, _MIXED * (len(utf8) + len(other))):
        return _replaced(content, codec, name, sure)
    text = "\n".join(line.decode("utf-8" if _is_utf8(line) else codec, "replace") for line in lines)
    few, of, main = (other, name, "UTF-8") if len(other) <= len(utf8) else (utf8, "UTF-8", name)
    words = f"mixed encodings: {main}, but {of} in {counted(len(few), 'line')} ({_listed(few)}); both were decoded"
    return DecodedText(text, f"UTF-8 and {name}", sure, (words,))


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:6])) + (f" and {len(numbers) - 6} more" if len(numbers) > 6 else "")


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _detected(sample: bytes) -> tuple[str, str, Sure]:
    """Returns the codec, its name, and how sure that is. Earlier rows win ties."""
    rated = [(score, e.codec, e.name) for e in SINGLE if (score := single_score(sample, e)) is not None]
    rated += [(score, e.codec, e.name) for e in MULTI if (score := multi_score(sample, e)) is not None]
    if not rated:
        return "latin-1", "Latin-1", "guess"
    best = max(rated, key=lambda row: row[0])
    rivals = [row[0] for row in rated if row[1] != best[1] and _differs(sample, best[1], row[1])]
    margin, much = best[0] - max(rivals, default=0.0), sum(b > 127 for b in sample)
    if best[0] >= 0.9 and margin >= 0.2 and much >= 16:
        return best[1], best[2], "certain"
    return best[1], best[2], "probable" if best[0] >= 0.75 and margin >= 0.05 else "guess"


def _differs(sample: bytes, one: str, other: str) -> bool:
    return sample.decode(one, "replace") != sample.decode(other, "replace")
