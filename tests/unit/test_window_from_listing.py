"""What servers list about their models says how large a prompt may be, whatever they call it."""

import pytest

from agents.models.context_window_from_model_list import served_window


@pytest.mark.parametrize(
    ("row", "window"),
    [
        ({"id": "m", "max_model_len": 32768}, 32_768),  # vLLM
        ({"id": "m", "context_length": 131072, "top_provider": {"context_length": 65536}}, 131_072),
        ({"id": "m", "meta": {"n_ctx": 4096, "n_ctx_train": 131072}}, 4_096),  # llama.cpp
        ({"id": "m", "max_context_length": 131072, "loaded_context_length": 8192}, 8_192),  # LM Studio
        ({"id": "m", "max_context_length": 131072, "loaded_instances": [{"config": {"context_length": 16384}}]}, 16384),
        ({"name": "m", "context_window": "200000"}, 200_000),
        ({"id": "m", "top_provider": {"context_length": 65536}}, 65_536),
        ({"id": "m", "context_length": 0}, None),
        ({"id": "m", "context_length": True}, None),
        ({"id": "other", "context_length": 8192}, None),
        ({"id": "m"}, None),
    ],
)
def test_a_list_of_models_says_what_one_can_hold(row: dict[str, object], window: int | None) -> None:
    assert served_window({"object": "list", "data": [row]}, "m") == window
    assert served_window([row], "m") == window


@pytest.mark.parametrize("listing", [None, [], {}, "no", {"data": "no"}, {"data": [None, 3]}])
def test_a_strange_list_says_nothing(listing: object) -> None:
    assert served_window(listing, "m") is None
