"""A start that takes longer than a second says what it is doing."""

from bot.terminal.startup_progress import Steps


def test_a_quick_start_says_nothing() -> None:
    said: list[str] = []
    steps = Steps(said.append, "Loading", patience=3600)
    steps.tell("Opening the database")
    steps.stop()
    steps.late()

    assert said == []


def test_a_slow_start_says_the_current_step_and_the_further_ones() -> None:
    said: list[str] = []
    steps = Steps(said.append, "Loading", patience=3600)
    steps.tell("Opening the database")
    steps.late()
    steps.tell("Starting the engine")
    steps.stop()
    steps.tell("too late")

    assert said == ["Opening the database …", "Starting the engine …"]
