"""A typed choice counts when it is exactly one of them, by words or by number."""

import pytest

from bot.buttons.typed_choice import choice_of

SIDES, YEARS, SURE = ("The left", "The right"), ("2023", "2024"), ("Yes", "No")


@pytest.mark.parametrize(
    ("text", "options", "found"),
    [
        ("the LEFT", SIDES, 0), ("left please", SIDES, 0), ("2", SIDES, 1), ("#2", SIDES, 1), ("2.", SIDES, 1),
        ("option 2", SIDES, 1), ("No. 2", SIDES, 1), ("second", SIDES, 1), ("the second one", SIDES, 1),
        ("The last one", SIDES, 1), ("I'd take the right, thanks", SIDES, 1), ("2️⃣", SIDES, 1), ("one", SIDES, 0),
        ("number one", SIDES, 0), ("the right one", SIDES, 1), ("  the   left ", SIDES, 0),
        ("2024", YEARS, 1), ("the 2024 one", YEARS, 1), ("yep", SURE, 0), ("sure, go ahead", SURE, 0), ("nah", SURE, 1),
        ("C++", ("C++", "C"), 0), ("c", ("C++", "C"), 1), ("both?", ("Both?", "One?"), 0),
    ],
)  # fmt: skip
def test_it_is_that_choice(text: str, options: tuple[str, ...], found: int) -> None:
    assert choice_of(text, options) == found


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("not the left", SIDES), ("left or right?", SIDES), ("left and right", SIDES), ("3", SIDES), ("0", SIDES),
        ("no, the left", SIDES), ("either", SIDES), ("", SIDES), ("2", YEARS), ("the second", YEARS), ("maybe", SURE),
        ("left", ("Left", "left")), ("👍", SIDES), ("the first page", SIDES),
    ],
)  # fmt: skip
def test_it_is_no_choice(text: str, options: tuple[str, ...]) -> None:
    assert choice_of(text, options) is None
