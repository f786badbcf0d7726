"""What `doctor` repeats of an error that others worded."""

from agents.search.http_client import NEXT
from bot.terminal.doctor import cause


def test_the_advice_to_run_doctor_is_left_out() -> None:
    assert cause("The host 'h' can't be started (no Python). Run `threadwork doctor`, then press Retry.") == (
        "The host 'h' can't be started (no Python)."
    )


def test_the_advice_to_an_agent_is_left_out() -> None:
    assert cause(f"Brave can't be used: no key. {NEXT}") == "Brave can't be used: no key."
