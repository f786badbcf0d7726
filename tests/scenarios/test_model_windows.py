"""Where a model's window is known from, what is counted, and that counting never blocks the event loop."""

from agents.models.endpoint import Endpoint, EndpointModel
from agents.models.model_windows import UNKNOWN, ModelWindows
from agents.models.token_count import PICTURE
from orchestrator.domain.ids import CallId, Sha
from orchestrator.domain.model_messages import Reply, Returned, Said
from orchestrator.domain.tool_calls import Call
from tests.blocking_calls import refused
from tests.model_server import KEY, scripted, serving
from tests.scenarios.test_litellm import ADD


async def test_the_setting_wins_then_the_server_then_the_table() -> None:
    async with serving(scripted([Reply(text="hi")])) as server:
        server.more = {"max_model_len": 16_384}
        rows = (EndpointModel("mine", model="openai/test-model", window=9_000),)
        windows = ModelWindows(Endpoint(api_base=server.url, api_key=KEY, rows=rows))
        assert await windows.room("mine") == 9_000 - 2_250
        assert await windows.room("test-model") == 16_384 - 4_096
    table = ModelWindows(Endpoint(api_key=KEY))
    assert await table.room("anthropic/claude-sonnet-4-5") == 200_000 - 8_192
    assert await table.room("openai/gpt-5") == 272_000 - 8_192
    assert await table.room("nobody/knows") == UNKNOWN - 8_192


async def test_a_server_that_is_down_is_not_believed_for_ever() -> None:
    windows = ModelWindows(Endpoint(api_base="http://127.0.0.1:9/v1", api_key=KEY))
    assert await windows.room("test-model") == UNKNOWN - 8_192


async def test_an_overflow_teaches_what_the_model_really_holds() -> None:
    windows = ModelWindows(Endpoint(api_key=KEY))
    windows.too_long("nobody/knows", 20_000, 8_192)
    assert await windows.room("nobody/knows") == 8_192 - 2_048
    windows.too_long("openai/gpt-5", 40_000, None)
    assert await windows.room("openai/gpt-5") == 32_000
    windows.too_long("openai/gpt-5", 30_000, 1_000_000)
    assert await windows.room("openai/gpt-5") == 24_000


async def test_arguments_pictures_and_schemas_count_and_counting_does_not_block() -> None:
    windows = ModelWindows(Endpoint(api_key=KEY))
    text = "The quick brown fox jumps over the lazy dog. " * 6_667
    write = Reply(calls=(Call(id=CallId("1"), tool="write_file", args={"path": "a.txt", "text": text}),))
    with refused():
        written, looked, read, long_run = await windows.sizes(
            [
                write,
                Said(role="user", text="Look.", pictures=(Sha("a"), Sha("b"))),
                Returned(call=CallId("1"), tool="read_file", text=text),
                Said(role="user", text="x" * 300_000),
            ]
        )
    assert 60_000 < written < 75_000
    assert 2 * PICTURE < looked < 2 * PICTURE + 50
    assert 60_000 < read < 75_000
    assert 30_000 < long_run < 50_000
    assert await windows.tools_size((ADD,)) > 30
