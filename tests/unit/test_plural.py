"""Numbers agree with their noun."""

from orchestrator.domain.plural import counted, in_seconds


def test_one_takes_no_s_and_every_other_number_does() -> None:
    assert [counted(n, "page") for n in (0, 1, 2, 1200)] == ["0 pages", "1 page", "2 pages", "1,200 pages"]
    assert [in_seconds(n) for n in (0.5, 1, 1.0, 30.0)] == ["0.5 seconds", "1 second", "1 second", "30 seconds"]
