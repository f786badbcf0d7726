"""Shipped skills about code and about skills: each is followed with real tools, and its file is checked."""

from pathlib import Path

import pytest
from skills_ref import validate

from tests.memory_hub import say
from tests.scenarios.skill_stage import follow

RATES = '''def average(values):
    return sum(values) / len(values)


def price(seats, per_seat):
    """From 10 seats on, 10 % less."""
    if seats > 10:
        return seats * per_seat * 0.9
    return seats * per_seat
'''
TESTS = """from rates import average, price

assert average([2, 4]) == 3
assert price(20, 10) == 180
print("2 passed")
"""
PROOF = """import rates
print(rates.price(10, 10))
try:
    rates.average([])
except ZeroDivisionError as error:
    print(type(error).__name__)
"""
REVIEW = """# Review of rates.py

**Not yet.** Customers with exactly ten seats pay too much, and an empty list ends the program.

## Bugs

1. must fix, `rates.py:7`: ten seats get no discount, although the docstring says "from 10 seats on".
   `price(10, 10)` gives 100, expected 90. Fix: `if seats >= 10:`
2. should fix, `rates.py:2`: `average([])` ends with ZeroDivisionError. Fix: decide what an empty list means, and raise
   ValueError with that sentence.

## Small things

- No test covers the limit of ten.

## What I checked

`python test_rates.py`: 2 passed. Both bugs were reproduced by calling the functions. All of `rates.py` was read.
"""


@pytest.mark.slow
async def test_a_code_review_reports_bugs_that_were_made_to_happen() -> None:
    handed = await follow(
        "code-review", "developer", "Please review rates.py before we merge it.",
        [
            say(read_file={"path": "attachments/rates.py"}, search_files={"pattern": "price"}),
            say(run_shell={"command": "cd attachments && python -B test_rates.py"}),
            say(run_python={"code": f"import sys\nsys.path.insert(0, 'attachments')\n{PROOF}"}),
            say(write_file={"path": "review.md", "content": REVIEW}),
        ],
        attached={"rates.py": RATES, "test_rates.py": TESTS}, hand_in={"review.md": "Two bugs; not ready yet."},
    )  # fmt: skip
    answers = "\n".join(one.text for one in handed.results)
    assert "2 passed" in answers and "100" in answers and "ZeroDivisionError" in answers
    review = handed.files["review.md"].decode()
    for number, line in ((7, "if seats > 10:"), (2, "return sum(values) / len(values)")):
        assert f"`rates.py:{number}`" in review and RATES.splitlines()[number - 1].strip() == line


LETTERS = """Letter 1, as sent: Dear Ms Hart, thank you for the enquiry of 3 May. Our offer is valid for 30 days. ...
Ada's correction: never write "cheap", and put the total on the first page.
Letter 2, as sent: Dear Mr Okafor, thank you for the call. The total is EUR 4,200. ...
Ada's correction: name the person who called.
"""
MADE = """---
name: offer-letter
description: "Writes an offer letter from an enquiry and a price list. For 'offer', 'quote', 'proposal to a customer'."
license: Apache-2.0
---

# Offer letter

The customer decides from the first page: what they get, what it costs, until when it is valid.

## Steps

1. Read the enquiry. Name who wrote or called, and when, in the first sentence.
2. Put the total on the first page, with currency and tax.
3. Say until when it is valid: 30 days from the letter's date, as a date.

## Pitfalls

- The word "cheap". Say what it costs.

## Checks before hand-in

1. The total on page one equals the sum of the table.
2. The name is spelled as in the enquiry.
"""


async def test_a_skill_maker_writes_a_skill_that_follows_the_format(tmp_path: Path) -> None:
    handed = await follow(
        "skill-maker", "document", "Make a skill from how we write offer letters; see letters.txt.",
        [
            say(read_file={"path": "attachments/letters.txt"}),
            say(use_skill={"name": "skill-maker", "file": "assets/outline.md"}),
            say(write_file={"path": "offer-letter/SKILL.md", "content": MADE}),
        ],
        attached={"letters.txt": LETTERS}, hand_in={"offer-letter/SKILL.md": "How we write offer letters."}, here=True,
    )  # fmt: skip
    made = tmp_path / "offer-letter"
    made.mkdir()
    (made / "SKILL.md").write_bytes(handed.files["SKILL.md"])
    assert validate(made) == []
    assert any("# What it makes" in one.text for one in handed.results)
