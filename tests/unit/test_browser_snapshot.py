"""The small snapshot says what the large one says; the rules of navigation; what extraction cleans."""

import pytest

from agents.tools.browser import network_rules
from agents.tools.browser.extract_page_parts import cleaned, links
from agents.tools.browser.network_rules import Refusal
from agents.tools.browser.page_state_store import found_again
from agents.tools.browser.snapshot import compact, filled_fields, part_of
from agents.tools.browser.snapshot_diff import changes
from agents.tools.browser.tables import Cell, laid_out, told


def test_wrappers_vanish_and_their_contents_stay() -> None:
    raw = "- generic [ref=e1]:\n  - generic [ref=e2]:\n    - generic [ref=e3]: deep text"
    assert compact(raw) == "deep text"


def test_a_row_is_one_line_with_what_can_be_acted_on() -> None:
    raw = """\
- table "Plans" [ref=e1]:
  - rowgroup [ref=e2]:
    - row [ref=e3]:
      - cell "Small" [ref=e4]
      - cell [ref=e5]:
        - text: € 3
        - link "buy" [ref=e6] [cursor=pointer]:
          - /url: /buy"""
    assert compact(raw) == 'table "Plans":\n Small | € 3 [e6 link "buy" /buy]'


def test_options_are_folded_and_the_chosen_one_is_marked() -> None:
    raw = '- combobox "Size" [ref=e1]:\n  - option "S"\n  - option "M" [selected]'
    assert compact(raw) == '[e1 combobox "Size" of: S, *M]'


def test_the_value_of_a_hidden_field_is_masked_however_it_is_written() -> None:
    raw = '- textbox "A" [ref=e1]: hunter2\n- textbox "B" [ref=e2]:\n  - /placeholder: "B"\n  - text: "hunter2: x"'
    assert filled_fields(raw) == ["e1", "e2"]
    masked = compact(raw, hidden=("e1", "e2"))
    assert "hunter2" not in masked
    assert masked.count("••••") == 2


def test_names_with_quotes_and_colons_are_understood() -> None:
    raw = '- \'link "He said: \\"it\'\'s\\"" [ref=e1]\':\n  - /url: "/a: b"'
    assert compact(raw) == '[e1 link "He said: "it\'s"" /a: b]'


def test_a_card_that_is_clickable_and_holds_a_button_keeps_both_reachable() -> None:
    raw = '- generic [ref=e1] [cursor=pointer]:\n  - text: Card\n  - button "Add" [ref=e2]'
    assert 'e2 button "Add"' in compact(raw)


def test_a_line_that_is_not_understood_is_shown_as_text() -> None:
    assert compact("- ?! strange") == "?! strange"


def test_a_long_snapshot_is_cut_between_lines_and_nothing_is_lost() -> None:
    text = "\n".join(f"line {n}" for n in range(100))
    total = part_of(text, 1, 100).total
    assert "\n".join(part_of(text, n, 100).text for n in range(1, total + 1)) == text
    assert part_of(text, 999, 100).number == total


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("https://shop.test/a", True),
        ("http://SHOP.test./", True),
        ("https://shop.test:8443/", False),
        ("https://evil.shop.test/", False),
        ("https://shop.test@evil.test/", False),
        ("https://evil.test\\@shop.test/", False),
        ("https://user@shop.test/", False),
        ("file:///etc/passwd", False),
        ("blob:https://shop.test/1", True),
        ("blob:https://evil.test/1", False),
    ],
)
def test_only_the_very_domain_may_be_opened(url: str, fine: bool) -> None:
    assert network_rules.permitted(url, ("shop.test",)) is fine


def test_a_form_is_sent_only_with_leave_and_only_to_a_permitted_domain() -> None:
    there = ("shop.test",)
    assert network_rules.navigation("https://shop.test/buy", "POST", there, send=False) is Refusal.SEND
    assert network_rules.navigation("https://shop.test/buy", "POST", there, send=True) is None
    assert network_rules.navigation("https://evil.test/buy", "POST", there, send=True) is Refusal.DOMAIN


@pytest.mark.parametrize(
    ("url", "method", "fine"),
    [
        ("https://cdn.test/a.js", "GET", True),
        ("https://cdn.test/collect", "POST", False),
        ("https://shop.test/api", "POST", True),
        ("http://169.254.169.254/latest", "GET", False),
        ("http://localhost:8080/", "GET", False),
        ("http://[::1]/", "GET", False),
    ],
)
def test_resources_come_from_anywhere_public_but_go_nowhere(url: str, method: str, fine: bool) -> None:
    assert network_rules.resource(url, method, ("shop.test",)) is fine


def test_a_ref_is_found_again_only_when_it_is_certain() -> None:
    before = {"f7e3": "link Home", "f7e4": "button Add"}
    assert found_again("f7e3", before, {"e3": "link Home", "e4": "button Add"}) == "e3"
    assert found_again("f7e4", before, {"e4": "button Buy"}) is None
    assert found_again("f7e3", before, {"e3": "link Home", "f1e3": "link Home"}) is None


def test_extracted_things_are_clean() -> None:
    assert cleaned("  a  b \n\n\n\nb\nb\n\n") == "a b\n\nb"
    assert told([laid_out(" T ", 0, [[Cell("a\nb"), Cell("c")], [Cell("d"), Cell("")]])], None) == "# T\na b\tc\nd\t"
    assert links([("", "http://a.test/#x"), ("A", "http://a.test/"), ("M", "mailto:a@b")]) == "A\thttp://a.test/"


def test_a_cell_covers_what_it_spans_even_where_rows_are_missing() -> None:
    found = laid_out("", 0, [[Cell("a", rows=10_000), Cell("b", columns=2)], [], [Cell("c")]])
    assert found.rows == [["a", "b", ""], ["a", "", ""], ["a", "c", ""]]


def test_long_tables_are_shown_by_their_first_rows() -> None:
    long = laid_out("Long", 0, [[Cell("x" * 100)] for _ in range(400)])
    text = told([long, laid_out("Short", 0, [[Cell("y")]])], None)
    assert text.count("x" * 100) == 5
    assert "browser_extract('tables', number=1) shows all rows" in text
    assert "# 2: Short" in text


def test_changes_are_told_only_where_they_are_short() -> None:
    page = "main:\n" + "\n".join(f" line {n}" for n in range(50))
    assert changes(page, page.replace("line 7\n", "line seven\n")) == "under main:\n- line 7\n+ line seven"
    assert changes(page, page) == "(nothing changed)"
    assert changes(page, page.replace("line", "row")) is None
    assert changes("", page) is None


def test_what_is_struck_out_raised_or_lowered_keeps_its_meaning() -> None:
    raw = """\
- paragraph [ref=e1]:
  - deletion [ref=e2]: €12.00
  - insertion [ref=e3]: €9.50
- paragraph [ref=e4]:
  - text: v = 10
  - superscript [ref=e5]: "6"
  - text: m, CO
  - subscript [ref=e6]: "2"
  - text: the 1
  - superscript [ref=e7]: st"""
    assert compact(raw) == "~~€12.00~~ €9.50\nv = 10⁶ m, CO₂ the 1 st"


def test_each_card_and_each_title_has_its_own_line() -> None:
    cards = "".join(f'- article [ref=a{n}]:\n  - text: Mug {n}\n  - button "Buy" [ref=b{n}]\n' for n in (1, 2))
    both = "- generic [ref=g]:\n" + "".join(f"  {line}\n" for line in cards.splitlines())
    assert compact(both) == 'Mug 1 [b1 button "Buy"]\nMug 2 [b2 button "Buy"]'
    titled = '- generic [ref=g]:\n  - heading "Ticket 5" [level=1] [ref=h]\n  - paragraph [ref=p]: Printer on fire'
    assert compact(titled) == "h1 Ticket 5\nPrinter on fire"


def test_a_group_is_named_and_its_summary_can_be_clicked() -> None:
    raw = '- group "Size" [ref=e1]:\n  - radio "S" [ref=e2]\n- group [ref=e3]:\n  - generic "Delivery" [ref=e4]'
    assert compact(raw) == 'Size: [e2 radio "S"]\n[e4 clickable "Delivery"]'


def test_an_editor_shows_what_it_contains() -> None:
    raw = '- textbox "Note" [ref=e1]:\n  - paragraph [ref=e2]: Old line\n- textbox "Why" [ref=e3]'
    assert (
        compact(raw, written={"e3": "I like boats"})
        == '[e1 textbox "Note" = "Old line"]\n[e3 textbox "Why" = "I like boats"]'
    )
    assert filled_fields(raw) == ["e1"]


def test_days_of_a_calendar_can_be_chosen_and_say_what_they_cost() -> None:
    raw = """\
- grid "June" [ref=e1]:
  - row [ref=e2]:
    - gridcell "2 June, €90" [ref=e3]: "2"
    - gridcell "3 June, sold out" [disabled] [ref=e4]: "3"
    - gridcell "plain" [ref=e5]"""
    days = '[e3 clickable "2 June, €90"] | [e4 clickable "3 June, sold out" disabled] | plain'
    assert compact(raw) == f'grid "June":\n {days}'


def test_a_heading_with_a_link_in_it_stays_a_heading() -> None:
    raw = '- heading [level=2] [ref=e1]:\n  - text: History\n  - link "edit" [ref=e2] [cursor=pointer]:\n    - /url: /e'
    assert compact(raw) == 'h2 History [e2 link "edit" /e]'


ROLES = (
    "alert article banner blockquote button caption cell checkbox code columnheader combobox complementary "
    "contentinfo definition deletion dialog emphasis feed figure form generic grid gridcell group heading img "
    "insertion link list listbox listitem log main menu menubar menuitem meter navigation note option paragraph "
    "progressbar radio radiogroup region row rowgroup rowheader search searchbox separator slider spinbutton status "
    "strong subscript superscript switch tab table tablist tabpanel term textbox timer toolbar tooltip tree "
    "treegrid treeitem"
)


@pytest.mark.parametrize("named", [False, True])
def test_no_role_leaves_out_text_or_controls_that_people_see(named: bool) -> None:
    for role in ROLES.split():
        head = f"- {role}{' ' + chr(34) + 'Label' + chr(34) if named else ''} [ref=e1]"
        for inner in ("generic", "listitem", "paragraph", "option", "row", "cell"):
            text = compact(f"{head}:\n  - text: words7\n  - {inner} [ref=e2]: inner8")
            assert "words7" in text, (role, inner, text)
            assert "inner8" in text, (role, inner, text)
            held = compact(f'{head}:\n  - {inner} [ref=e2]:\n    - button "Do" [ref=e3]\n    - text: beside9')
            assert 'e3 button "Do"' in held, (role, inner, held)
            assert "beside9" in held, (role, inner, held)
        alone = compact(f"{head}: only5")
        assert "only5" in alone, (role, alone)
        bare = compact(f'- {role} "bare6" [ref=e1]')
        assert "bare6" in bare, (role, bare)


def test_a_name_is_followed_by_the_text_that_it_does_not_say() -> None:
    raw = """\
- button "Cart" [ref=e1]: 🛒 0
- button "Add Kettle to cart" [ref=e2]: Add to cart
- link "Messages" [ref=e3]:
  - /url: /m
  - text: 3 unread
- img "Use" [ref=e4]:
  - generic [ref=e5]: Graz 75
- listbox [ref=e6]:
  - option "Ghent" [ref=e7]
  - listitem [ref=e8]: 4 more"""
    assert compact(raw).splitlines() == [
        '[e1 button "Cart": 🛒 0]', '[e2 button "Add Kettle to cart"]', '[e3 link "Messages": 3 unread /m]',
        "(img Use: Graz 75)", "[e6 listbox of: e7 Ghent, 4 more]",
    ]  # fmt: skip
