"""Files that nobody of this project made are read whole, or refused in one sentence, in bounded time and memory."""

from pathlib import Path

import pytest

from tests.world.files import corpus_table
from tests.world.files.corpus_table import Outcome, Reading, judged, words

_CORPUS = Path(__file__).parents[4] / "shared" / "corpus"
_FILES = sorted(p for p in _CORPUS.glob("*.*") if p.suffix != ".md")


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not _FILES, reason="the folder of foreign files isn't here")
def test_each_foreign_file_is_read_whole_or_refused_in_a_sentence() -> None:
    found = list(corpus_table.compared(_FILES))
    wrong = [one for one in found if one.outcome not in ("ok", "refused rightly")]
    assert wrong == [], corpus_table.table(found)


_SEEN = words("Ada counts every apple twice in Graz")


@pytest.mark.parametrize(
    ("read", "office", "second", "outcome"),
    [
        (Reading("text", "Ada counts\nevery ap-\nple twice in Graz."), _SEEN, _SEEN, "ok"),
        (Reading("text", "Ada counts"), _SEEN, _SEEN, "silent loss"),
        (Reading("text", "Ada counts [more rows from 9 on]"), _SEEN, _SEEN, "ok"),
        (Reading("text", "Ada counts"), _SEEN, words("Ada counts"), "ok"),
        (Reading("text", "Ada counts"), set[str](), _SEEN, "silent loss"),
        (Reading("text", "<openpyxl.Cell object at 0x7f>"), _SEEN, _SEEN, "crash"),
        (Reading("refused", "'a.xls' is damaged. Ask for it again."), set[str](), set[str](), "refused rightly"),
        (Reading("refused", "'a.xls' is damaged. Ask for it again."), _SEEN, set[str](), "refused wrongly"),
        (Reading("refused", "'a.xls' is password-protected."), _SEEN, set[str](), "refused rightly"),
        (Reading("refused", "ValueError: not a row"), set[str](), set[str](), "crash"),
        (Reading("hang", "took more than 60 seconds"), _SEEN, _SEEN, "hang"),
    ],
)
def test_a_reading_is_judged_by_what_others_see(
    read: Reading, office: set[str], second: set[str], outcome: Outcome
) -> None:
    assert judged("a.xls", read, office, second).outcome == outcome


def test_the_table_counts_files_by_kind() -> None:
    found = [
        corpus_table.Judged("a.xls", "ok"),
        corpus_table.Judged("b.xls", "hang"),
        corpus_table.Judged("c.doc", "ok"),
    ]
    assert corpus_table.table(found).splitlines()[2:] == [
        "| doc | 1 | 1 | 0 | 0 | 0 | 0 | 0 |",
        "| xls | 2 | 1 | 0 | 0 | 0 | 1 | 0 |",
        "| all | 3 | 2 | 0 | 0 | 0 | 1 | 0 |",
    ]
