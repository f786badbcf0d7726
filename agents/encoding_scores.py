"""Scores how well bytes read as text in each encoding that offices use: by alphabets, letter case, and common
characters."""

import unicodedata
from collections.abc import Callable, Iterable
from typing import NamedTuple


class SingleByte(NamedTuple):
    """An encoding with one byte per character, and the alphabets of its languages beyond A to Z.

    `frequent`: the most frequent letters, for scripts where any byte is a letter of some alphabet. `rare`: what its
    rarity costs.
    """

    codec: str
    name: str
    alphabets: tuple[str, ...]
    frequent: str = ""
    rare: float = 0.0


class MultiByte(NamedTuple):
    """An East Asian encoding. `common(lead, trail)`: whether the pair is an everyday character."""

    codec: str
    name: str
    common: Callable[[int, int], bool]


_WEST = (
    "äöüß", "àâæçéèêëîïôœùûüÿ", "áéíñóúü", "áâãàçéêíóôõú", "àèéìíîòóù", "ëïéèöüáó", "åäöé", "æøåé",
    "áéíóúýðþæö", "àçèéíïòóúü",
)  # fmt: skip
_WEST_ALL = "àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿßœ"
_EAST = ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšž", "ăâîșțşţ")
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґўјљњћђџќѓѕ"
_FREQUENT_CYRILLIC = "оеаинтсрвлік"
_RARE = 0.1
SINGLE = (
    SingleByte("cp1252", "Windows-1252", _WEST),
    SingleByte("cp1250", "Windows-1250", _EAST),
    SingleByte("iso8859_2", "ISO-8859-2", _EAST, rare=_RARE / 2),
    SingleByte("cp1251", "Windows-1251", (_CYRILLIC,), _FREQUENT_CYRILLIC),
    SingleByte("koi8_u", "KOI8", (_CYRILLIC,), _FREQUENT_CYRILLIC),
    SingleByte("cp866", "DOS 866", (_CYRILLIC,), _FREQUENT_CYRILLIC, _RARE),
    SingleByte("iso8859_5", "ISO-8859-5", (_CYRILLIC,), _FREQUENT_CYRILLIC, _RARE),
    SingleByte("mac_cyrillic", "Mac Cyrillic", (_CYRILLIC,), _FREQUENT_CYRILLIC, _RARE),
    SingleByte("cp1253", "Windows-1253", ("αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",), "αοιετσνηυρίςλκ"),
    SingleByte("cp1254", "Windows-1254", ("çğıöşüâîİ",)),
    SingleByte("cp1255", "Windows-1255", ("אבגדהוזחטיךכלםמןנסעףפץצקרשת",), "יוהלאתמרשבםנ"),
    SingleByte("cp1256", "Windows-1256", ("ءآأؤإئابةتثجحخدذرزسشصضطظعغـفقكلمنهوىيپچژگ",), "اليمونترةبدسأع"),
    SingleByte("cp1257", "Windows-1257", ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž")),
    SingleByte("cp874", "Windows-874", ("".join(chr(c) for c in range(0xE01, 0xE4F) if c not in range(0xE3B, 0xE40)),)),
    SingleByte("mac_roman", "Mac Roman", _WEST, rare=_RARE / 2),
    SingleByte("cp850", "DOS 850", _WEST, rare=_RARE),
    SingleByte("cp852", "DOS 852", _EAST, rare=_RARE),
)


def _japanese(lead: int, trail: int) -> bool:
    return lead in (0x81, 0x82, 0x83) or 0x88 <= lead <= 0x97


def _simplified(lead: int, trail: int) -> bool:
    return trail >= 0xA1 and (0xB0 <= lead <= 0xD7 or lead in (0xA1, 0xA3))


def _traditional(lead: int, trail: int) -> bool:
    return 0xA4 <= lead <= 0xC6 or (lead == 0xA1 and trail < 0x80)


def _korean(lead: int, trail: int) -> bool:
    return trail >= 0xA1 and (0xB0 <= lead <= 0xC8 or lead == 0xA1)


def _unix_japanese(lead: int, trail: int) -> bool:
    return 0xA1 <= lead <= 0xA5 or 0xB0 <= lead <= 0xCF


MULTI = (
    MultiByte("cp932", "Shift-JIS", _japanese),
    MultiByte("gb18030", "GBK", _simplified),
    MultiByte("big5", "Big5", _traditional),
    MultiByte("cp949", "EUC-KR", _korean),
    MultiByte("euc_jp", "EUC-JP", _unix_japanese),
)
_KANA = {"cp932": (0x82, 0x83), "euc_jp": (0xA4, 0xA5)}
_SIGNS = "“”„‘’‚–—…€£¥©®™°²³½¼¾·•«»‹›§±×µºª¿¡№´"
"""Everyday marks that are in several encodings."""
_BONUS, _UNION = 0.06, 0.9


def single_score(content: bytes, encoding: SingleByte) -> float | None:
    """Returns 0 to 1, or None if the bytes can't be in this encoding."""
    try:
        text = content.decode(encoding.codec)
    except UnicodeDecodeError:
        return None
    letters, other, wrong = list[str](), 0, 0
    for n, char in enumerate(text):
        if char.isascii():
            continue
        before, after = text[n - 1 : n], text[n + 1 : n + 2]
        if unicodedata.category(char)[0] == "C":
            return None
        if char.isalpha() or unicodedata.category(char)[0] == "M":
            wrong += _odd_case(before, char, after) or _other_script(char, before, after)
            letters.append(char.lower() if len(char.lower()) == 1 else char)
        else:
            within = before.isalpha() and after.isalpha() and char not in "’·"
            other += char in _SIGNS or char == "\xa0"
            wrong += within or not (char in _SIGNS or char == "\xa0")
            letters += ["\0"] if within or not (char in _SIGNS or char == "\xa0") else []
    if not letters:
        return 0.8
    known = max(_share(letters, alphabet) for alphabet in encoding.alphabets)
    every = _WEST_ALL if encoding.alphabets == _WEST else "".join(encoding.alphabets)
    known = max(known, _UNION * _share(letters, every))
    if encoding.frequent:
        known *= 0.7 + 0.3 * min(1.0, _share(letters, encoding.frequent) / 0.6)
    return max(0.0, known - encoding.rare - wrong / (len(letters) + other))


def _odd_case(before: str, char: str, after: str) -> bool:
    """An uppercase letter after a lowercase one, or between two."""
    return char.isupper() and (before.islower() or (after.islower() and before.isalpha() and not before.isupper()))


def _other_script(char: str, before: str, after: str) -> bool:
    latin = any(c.isascii() and c.isalpha() for c in before + after)
    return latin and not unicodedata.name(char, "").startswith("LATIN")


def _share(letters: Iterable[str], alphabet: str) -> float:
    found = list(letters)
    return sum(c in alphabet for c in found) / len(found)


def multi_score(content: bytes, encoding: MultiByte) -> float | None:
    """Returns 0 to 1, or None if the bytes can't be in this encoding."""
    try:
        text = content.decode(encoding.codec)
    except UnicodeDecodeError:
        return None
    if any(unicodedata.category(c)[0] == "C" and c not in "\r\n\t" for c in text):
        return None
    total, common, kana, half = 0.0, 0.0, 0, 0
    for char in text:
        if char.isascii():
            continue
        pair = char.encode(encoding.codec)
        total += 1
        if len(pair) == 1 or pair[0] == 0x8E:
            half += encoding.codec in _KANA
        elif len(pair) == 2:
            common += encoding.common(pair[0], pair[1])
            kana += pair[0] in _KANA.get(encoding.codec, ())
    if not total:
        return 0.0
    if half == total:
        return 0.8
    common += half * (0.6 if common == total - half else 0.2)
    japanese = encoding.codec in _KANA
    hangul = encoding.codec == "cp949" and common == total and total >= 8
    return min(1.0, common / total) - (_BONUS if japanese and not kana else 0) + (_BONUS if kana or hangul else 0)
