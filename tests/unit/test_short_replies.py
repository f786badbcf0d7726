"""Short replies are known word for word, in several languages; anything else is not one."""

import pytest

from bot.buttons.short_replies import agrees, kinds, polite, refuses, starts

YES = (
    "yes, go ahead", "Approved.", "LGTM", "lgtm!", "ok 👍", "OK :+1::skin-tone-3:", "👍🏽", "✅", "looks good to me",
    "Yes. Start it now please", "sieht gut aus, los geht's", "oui, vas-y", "sí, adelante", "да", "はい", "go on please",
    "sounds great, thanks!", ":white_check_mark:",
)  # fmt: skip
NOT_YES = (
    "yes but shorter", "do not approve", "no, start", "approved?", "start with the left", "not yet, start later",
    "go to the second page", "looks good except the title", "ok but wait", "thanks", "", "start over", "yes, stop",
    "approve the second one", "no way 👍",
)  # fmt: skip
POLITE = (
    "Thanks!",
    "thank you so much 🙏",
    "lol 😂",
    "🎉🎉",
    "great work team",
    "hold on",
    "danke",
    ":tada:",
    "<:party:1234>",
)


@pytest.mark.parametrize("text", YES)
def test_it_agrees(text: str) -> None:
    assert agrees(kinds(text))


@pytest.mark.parametrize("text", NOT_YES)
def test_it_does_not_agree(text: str) -> None:
    assert not agrees(kinds(text))


@pytest.mark.parametrize("text", POLITE)
def test_it_asks_for_nothing(text: str) -> None:
    assert polite(kinds(text))


@pytest.mark.parametrize("text", ["thanks, and add a chart", "what is this?", "👍", "no", "2024", "great, but blue"])
def test_it_is_more_than_thanks(text: str) -> None:
    assert not polite(kinds(text))


def test_only_a_word_for_it_starts() -> None:
    assert starts(kinds("looks good, start"))
    assert starts(kinds("👍 go ahead"))
    assert not starts(kinds("looks good"))
    assert not starts(kinds("don't start"))


def test_a_refusal_is_nothing_but_a_refusal() -> None:
    assert refuses(kinds("no, thanks"))
    assert refuses(kinds("👎"))
    assert not refuses(kinds("no, the other one"))
