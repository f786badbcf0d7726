"""Code keeps its lines and fractions their parts in a snapshot."""

from agents.tools.browser.code_and_formulas import with_code_lines
from agents.tools.browser.snapshot import compact, formulas

CODE = "def f(x):\n    if x:\n        return 1"


def test_code_on_one_line_of_the_snapshot_gets_its_lines_back() -> None:
    assert with_code_lines("h2 Example\n def f(x): if x: return 1\nend", [CODE]) == (
        "h2 Example\n def f(x):\n     if x:\n         return 1\nend"
    )


def test_code_that_was_cut_between_its_words_is_put_together() -> None:
    assert with_code_lines("def f ( x ):\nif x:\nreturn 1\nend", [CODE]) == f"{CODE}\nend"


def test_what_only_begins_like_code_stays() -> None:
    text = "def f(x): if x: return 12\ndef f(x):"
    assert with_code_lines(text, [CODE, ""]) == text


def test_a_set_fraction_is_a_plain_one() -> None:
    raw = """\
- paragraph [ref=e1]:
  - text: and 1
  - superscript [ref=e2]: "1"
  - text: /
  - subscript [ref=e3]: "2"
  - text: cup, 10
  - superscript [ref=e4]: "6\""""
    assert compact(raw) == "and 1 1/2 cup, 10⁶"


def test_a_formula_is_shown_as_it_was_read() -> None:
    raw = '- paragraph [ref=e1]:\n  - text: So\n  - math [ref=e2]:\n    - generic [ref=e3]: "1"\n  - text: holds.'
    assert formulas(raw) == ["e2"]
    assert compact(raw, written={"e2": "1/2"}) == "So 1/2 holds."
