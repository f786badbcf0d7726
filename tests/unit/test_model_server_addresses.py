"""Where to look for model servers: the usual ports, and this machine's OLLAMA_HOST in all its spellings."""

import pytest

from bot.config.default_model_server_addresses import addresses

USUAL = tuple(f"http://127.0.0.1:{port}" for port in (11434, 1234, 8080, 8000))


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1:11500", "http://127.0.0.1:11500"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("0.0.0.0:7", "http://127.0.0.1:7"),
        (":7", "http://127.0.0.1:7"),
        ("localhost", "http://127.0.0.1:11434"),
        ("http://localhost", "http://127.0.0.1:80"),
        ("https://localhost", "https://127.0.0.1:443"),
        (" http://127.0.0.1:7/ ", "http://127.0.0.1:7"),
        ("[::1]:7", "http://[::1]:7"),
        ("[::]:7", "http://[::1]:7"),
        ("::1", "http://[::1]:11434"),
        ("::", "http://[::1]:11434"),
    ],
)
def test_this_machines_ollama_is_asked_first(host: str, url: str) -> None:
    assert addresses(host) == tuple(dict.fromkeys((url, *USUAL)))


@pytest.mark.parametrize(
    "host",
    [None, "", "10.0.0.5", "ollama.com", "http://gpu.intern:11434", "127.0.0.1:70000", "[::1", "ftp://127.0.0.1"],
)
def test_another_machine_is_not_asked(host: str | None) -> None:
    assert addresses(host) == USUAL
