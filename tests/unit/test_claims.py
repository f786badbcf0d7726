"""What a text claims, recomputed from the findings: wrong claims are caught, right ones are left alone."""

from pathlib import Path

import pytest

from agents.tools.office.claims.check_file import Grounds, claimed
from agents.tools.office.claims.group_findings import Facts
from agents.tools.office.claims.judge_claims_in_text import claims
from bot.web.provenance import claim_pieces
from orchestrator.domain.deliverables import Provenance
from orchestrator.domain.findings import Finding, Source
from orchestrator.domain.ids import FindingId, SubtaskId
from tests.claims.board import all_boards, board
from tests.claims.build import refused
from tests.claims.cases import Case
from tests.claims.judge import against
from tests.claims.planted import CASES
from tests.claims.sentences import ROWS, Row

TOP = Path(__file__).parents[2]


@pytest.mark.parametrize("row", [r for r in ROWS if r.wrong], ids=lambda row: row.wrong)
def test_a_wrong_sentence_is_caught(row: Row) -> None:
    assert against(row.wrong, row.cites, all_boards()[row.about]) != []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.right)
def test_a_right_sentence_is_left_alone(row: Row) -> None:
    assert against(row.right, row.cites, all_boards()[row.about]) == []


@pytest.mark.parametrize(
    "case",
    [pytest.param(c, marks=[] if c.suffix == "md" and c.wrong.text else pytest.mark.slow) for c in CASES],
    ids=lambda case: f"{case.kind} in {case.suffix}",
)
async def test_a_file_with_a_wrong_claim_is_refused_and_the_right_one_is_not(tmp_path: Path, case: Case) -> None:
    (tmp_path / "wrong").mkdir()
    (tmp_path / "right").mkdir()
    assert await refused(tmp_path / "wrong", case.suffix, case.wrong, board()) != []
    assert await refused(tmp_path / "right", case.suffix, case.right, board()) == []


def test_a_refusal_names_the_right_value_and_what_it_rests_on() -> None:
    (words,) = against("The median price is $49 per seat.", "price", board())
    assert words.startswith(
        "paragraph 1 says “The median price is $49 per seat.”, but it should be $45, the median of 5"
    )
    assert all(name in words for name in ("price.northwind", "price.meridian"))


def test_a_derived_figure_rests_on_all_findings_of_its_measure_even_if_one_is_cited() -> None:
    facts = Facts(board())
    text = "Stay below the median of $45. Watch Harborline, the fastest grower. Five vendors are compared."
    found = {c.words: c.findings for c in claims(text, facts, [f.id for f in board() if f.id == "price.summit"])}
    assert {words: len(ids) for words, ids in found.items()} == {"$45": 5, "fastest": 5, "Five": 5}
    assert all(i.startswith("price.") for i in found["$45"]) and all(i.startswith("growth.") for i in found["fastest"])


def test_an_opinion_rests_on_nothing() -> None:
    found = claims("Northwind is the best choice for us.", Facts(board()))
    assert [(c.words, c.findings, c.right) for c in found] == [("best", (), "")]


def test_one_company_taken_out_makes_the_count_and_the_median_wrong() -> None:
    left = board(without="Summit")
    assert "but it should be 4" in against("Five competitors at a glance", "", left)[0]
    assert "but it should be $44, the median of 4" in against("The median price is $45.", "price", left)[0]
    assert against("Four competitors at a glance", "", left) == []


def test_no_text_is_too_odd_to_be_read() -> None:
    facts = Facts([f for known in all_boards().values() for f in known])
    for page in sorted(TOP.glob("*.md")) + sorted(TOP.glob("*/README.md")):
        text = page.read_text("utf-8")
        for claim in claims(text, facts):
            assert text[claim.start : claim.end] == claim.words


def marked(text: str, *cites: str) -> list[tuple[str, tuple[str, ...]]]:
    """The claims of a paragraph as the page marks them, with their findings."""
    known = board()
    places = (Provenance(place="paragraph 1", shows=text, findings=tuple(FindingId(i) for i in cites)),)
    cited = [f for f in known if f.id in cites]
    found = claimed([("paragraph 1", text)], Grounds(places if cites else (), cited, known)).claims
    pieces = claim_pieces(text, found, ())
    assert "".join(p.shows for p in pieces) == (text if pieces else "")
    return [(p.shows, p.findings) for p in pieces if p.findings or p.own]


def test_a_paragraph_with_one_note_is_sourced_only_where_the_note_says_so() -> None:
    text = "Northwind asks $49 a seat. We would pay 77 for it. Northwind is the best fit."
    assert marked(text) == [("$49", ("price.northwind",)), ("77", ()), ("best", ())]
    assert marked("We like Summit. Summit asks $45. We would wait.", "price.summit") == [("$45", ("price.summit",))]


def test_each_figure_of_a_paragraph_leads_to_its_own_finding() -> None:
    text = "Northwind asks $49, Harborline $59, and Meridian has 5,600 customers."
    cites = ("price.northwind", "price.harborline", "customers.meridian")
    assert [ids for _, ids in marked(text, *cites)] == [(i,) for i in cites]


def test_a_note_without_a_figure_marks_the_sentence_that_is_most_like_it() -> None:
    text = "Nobody knows the future. Its founding by two nurses shows. Wait."
    assert marked(text, "founded.summit") == [("Its founding by two nurses shows.", ("founded.summit",))]


def test_a_right_total_of_a_table_leads_to_the_findings_above_it() -> None:
    rows = [("Company", "Customers"), ("Summit", "950"), ("Northwind", "1,200"), ("Total", "2,150")]
    ids = {2: "customers.summit", 3: "customers.northwind"}
    cells = [(f"table 1 {'AB'[c]}{r}", text) for r, row in enumerate(rows, 1) for c, text in enumerate(row)]
    places = [Provenance(place=f"table 1 B{r}", shows="", findings=(FindingId(i),)) for r, i in ids.items()]
    found = claimed(cells, Grounds(places, board(), board()))
    assert found.wrong == ()
    assert [(c.place, c.findings, c.how) for c in found.claims if c.place == "table 1 B4"] == [
        ("table 1 B4", ("customers.summit", "customers.northwind"), "total of 2")
    ]


@pytest.mark.parametrize(
    ("text", "right"),
    [("Nimbus 4 costs less than Aero X.", True), ("Aero X costs less than Nimbus 4.", False),
     ("Nimbus 4 is the lightest of the four at 178 g.", False), ("Pulse is the lightest of the four at 165 g.", True),
     ("Nimbus 4 weighs almost 180 g.", True), ("Nimbus 4 weighs almost 170 g.", False),
     ("Orbit Pro weighs about 220 g.", True), ("Pulse weighs about 178 g.", False)],
)  # fmt: skip
def test_digits_in_names_are_no_figures_and_almost_means_less(text: str, right: bool) -> None:
    phones = {"Aero X": (899, 192), "Nimbus 4": (649, 178), "Orbit Pro": (1199, 221), "Pulse": (399, 165)}
    known = [
        Finding(
            id=FindingId(f"{measure}.{n}"), by=SubtaskId("r"), kind=f"{name}: {kind}", value=values[n],
            source=Source(url=f"https://{name.split()[0].lower()}.example", quote=f"{values[n]} {unit}"),
        )
        for name, values in phones.items()
        for n, (measure, kind, unit) in enumerate((("price", "launch price", "$"), ("weight", "weight (g)", "g")))
    ]  # fmt: skip
    renamed = [f.model_copy(update={"id": FindingId(f"{f.id.partition('.')[0]}.{n}")}) for n, f in enumerate(known)]
    cites = "weight" if " g." in text else "price"
    assert (against(text, cites, renamed) == []) is right
