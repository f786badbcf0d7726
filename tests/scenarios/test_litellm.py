"""litellm behind our port, against a strict local server over real HTTP: every fault, and what people are told."""

import asyncio
import importlib
import sys
from pathlib import Path

import pytest

from agents.models import litellm_import
from agents.models.endpoint import Endpoint, EndpointModel, Prices
from agents.models.litellm_model import LiteLLM
from agents.models.model_wrappers import layered
from agents.models.rehearsal.replies import STANDARD
from agents.models.rehearsal.sample_sites import copy_sites
from agents.models.retries import RetryLimits, World
from orchestrator.domain.ids import CallId
from orchestrator.domain.model_messages import Prompt, Reply, Returned, Said, Spoken
from orchestrator.domain.plan import Plan
from orchestrator.domain.tool_calls import Call, ToolSpec
from orchestrator.errors import (
    ModelBusy,
    ModelDown,
    ModelFailed,
    ModelGarbled,
    ModelRefusedKey,
    ModelTooLong,
    ModelUnknown,
)
from orchestrator.planning.planner_tools import SPECS, parse
from orchestrator.ports import Model
from tests.draft_reader import ReadAlong
from tests.litellm_cores import Make
from tests.model_server import KEY, Fault, Server, listed, rehearsal, scripted, seeded, serving
from tests.scripted_agents import BASE, Stage

ADD = ToolSpec(
    name="add",
    description="Add two numbers.",
    parameters={
        "type": "object",
        "properties": {"a": {"type": "number"}, "b": {"type": "number"}},
        "required": ["a", "b"],
        "additionalProperties": False,
    },
    effects=frozenset(),
)
WORDS = Reply(text="Two and three are five, as far as anybody knows.")
TWO_CALLS = Reply(
    text="Adding.",
    calls=(
        Call(id=CallId("call_1"), tool="add", args={"a": 2, "b": 3}),
        Call(id=CallId("call_2"), tool="add", args={"a": 4, "b": 5}),
    ),
)
ASK = Prompt(model="test-model", messages=(Said(role="system", text="Be brief."), Said(role="user", text="2 + 3?")))
ASK_TOOLS = ASK.model_copy(update={"tools": (ADD,)})
EVERY_FAULT: list[Fault] = [
    "429", "500", "503", "malformed-arguments", "wrong-arguments", "unknown-tool", "empty", "cut",
    "dict-arguments", "no-ids",
]  # fmt: skip


class Slept:
    """A sleep that takes no time and remembers how long it would have been."""

    def __init__(self) -> None:
        self.times: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.times.append(seconds)


@pytest.fixture
def slept() -> Slept:
    return Slept()


def steady(core: LiteLLM, endpoint: Endpoint, slept: Slept, patience: RetryLimits | None = None) -> Model:
    return layered(core, endpoint, world=World(random=lambda: 0.5, sleep=slept), patience=patience)


def at(server: Server, *rows: EndpointModel, key: str = KEY) -> Endpoint:
    return Endpoint(api_base=server.url, api_key=key, rows=rows)


async def test_words_and_calls_arrive_whole_and_nothing_else_is_asked_of_the_network(core: Make) -> None:
    async with serving(scripted([WORDS, TWO_CALLS])) as server:
        model = core(at(server))
        assert (await model.complete(ASK)).reply == WORDS
        answer = await model.complete(ASK_TOOLS)
        assert [(c.tool, c.args) for c in answer.reply.calls] == [(c.tool, c.args) for c in TWO_CALLS.calls]
        assert answer.reply.text == "Adding."
        assert len({c.id for c in answer.reply.calls}) == 2
        assert answer.usage.prompt > 0
        assert answer.usage.completion > 0
        assert server.refused == []


async def test_streamed_pieces_arrive_before_the_end_and_make_up_the_answer(core: Make) -> None:
    async with serving(scripted([WORDS, WORDS, TWO_CALLS])) as server:
        model = core(at(server))
        unknown, known, calls = ReadAlong(), ReadAlong(), ReadAlong()
        await model.complete(ASK, on_draft=unknown)
        assert unknown.texts == [""]
        answer = await model.complete(ASK, on_draft=known)
        assert len(known.texts) > 5
        assert known.grew
        assert known.texts[-1] == answer.reply.text == WORDS.text
        assert answer.usage.completion > 0
        again = await model.complete(ASK_TOOLS, on_draft=calls)
        assert [(c.tool, c.args) for c in again.reply.calls] == [(c.tool, c.args) for c in TWO_CALLS.calls]
        assert calls.texts == [TWO_CALLS.text]


async def test_the_spoken_argument_of_a_call_is_read_while_it_is_written(core: Make) -> None:
    text = "Two\nand “three”: 5 €, as far as anybody knows."
    said = Reply(text="I answer.", calls=(Call(id=CallId("1"), tool="answer", args={"text": text}),))
    spec = ToolSpec(name="answer", description="a", parameters={"type": "object"}, effects=frozenset())
    ask = ASK.model_copy(update={"tools": (spec,), "spoken": Spoken(tool="answer", argument="text")})
    async with serving(scripted([said])) as server:
        reader = ReadAlong()
        await core(at(server)).complete(ask, on_draft=reader)
    assert len(reader.texts) > 2
    assert reader.grew
    assert reader.texts[-1] == text


async def test_a_try_that_fails_takes_its_draft_along_and_the_next_one_starts_again(core: Make, slept: Slept) -> None:
    async with serving(scripted([WORDS]), faults=listed("ok", "cut")) as server:
        endpoint = at(server)
        model, reader = steady(core(endpoint), endpoint, slept), ReadAlong()
        await model.complete(ASK)
        answer = await model.complete(ASK, on_draft=reader)
    assert len(server.log) == 3
    assert reader.texts[0]
    assert reader.texts.count("") == 1
    assert reader.texts[-1] == answer.reply.text == WORDS.text


async def test_our_long_call_ids_become_short_ones_that_match_their_results(core: Make) -> None:
    mine = CallId("competitor-research.1.3.0")
    talk = ASK_TOOLS.model_copy(
        update={
            "messages": (
                *ASK.messages,
                Reply(calls=(Call(id=mine, tool="add", args={"a": 1, "b": 2}),)),
                Returned(call=mine, tool="add", text="no such file", ok=False),
            )
        }
    )
    async with serving(scripted([WORDS])) as server:
        await core(at(server)).complete(talk)
        sent = server.log[0].body["messages"]
        assert sent[2]["tool_calls"][0]["id"] == sent[3]["tool_call_id"]
        assert len(sent[3]["tool_call_id"]) == 9
        assert sent[3]["content"] == "[failed] no such file"


async def test_a_call_that_must_come_is_required_unless_the_server_minds(core: Make) -> None:
    must = ASK_TOOLS.model_copy(update={"must_call": True})
    async with serving(scripted([TWO_CALLS]), faults=listed("ok", "no-tool-choice")) as server:
        model = core(at(server))
        for _ in range(3):
            assert (await model.complete(must)).reply.calls
        assert [seen.body.get("tool_choice") for seen in server.log] == ["required", "required", None, None]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("fault", EVERY_FAULT)
async def test_one_fault_never_reaches_the_caller(fault: Fault, stream: bool, core: Make, slept: Slept) -> None:
    async with serving(scripted([TWO_CALLS]), faults=listed(fault)) as server:
        endpoint = at(server)
        reader = ReadAlong()
        answer = await steady(core(endpoint), endpoint, slept).complete(ASK_TOOLS, on_draft=reader if stream else None)
        assert [(c.tool, c.args) for c in answer.reply.calls] == [(c.tool, c.args) for c in TWO_CALLS.calls]
        assert len({c.id for c in answer.reply.calls}) == 2
        assert all(TWO_CALLS.text.startswith(text) for text in reader.texts)
        assert server.refused == []


async def test_a_tenth_of_broken_replies_leaves_every_answer_right(core: Make, slept: Slept) -> None:
    async with serving(scripted([TWO_CALLS]), faults=seeded(0.1, seed=7)) as server:
        endpoint = at(server)
        model = steady(core(endpoint), endpoint, slept)
        answers = await asyncio.gather(*(model.complete(ASK_TOOLS) for _ in range(60)))
        assert all(a.reply.calls[1].args == {"a": 4, "b": 5} for a in answers)
        assert len(server.log) > 60


async def test_the_wait_is_never_shorter_than_the_provider_asked_for(core: Make, slept: Slept) -> None:
    async with serving(scripted([WORDS]), faults=listed("429", "500", "500")) as server:
        endpoint = at(server)
        await steady(core(endpoint), endpoint, slept).complete(ASK)
        assert 7 <= slept.times[0] < 8
        assert slept.times[1] == 0.5
        assert slept.times[2] == 1.0


async def test_a_wait_beyond_our_patience_fails_at_once(core: Make, slept: Slept) -> None:
    async with serving(scripted([WORDS]), faults=listed(*["429"] * 9)) as server:
        server.retry_after = "3600"
        endpoint = at(server)
        with pytest.raises(ModelBusy, match="'test-model'"):
            await steady(core(endpoint), endpoint, slept).complete(ASK)
        assert len(server.log) == 1
        assert slept.times == []


async def test_patience_ends_after_the_given_number_of_tries(core: Make, slept: Slept) -> None:
    async with serving(scripted([WORDS]), faults=listed(*["500"] * 9)) as server:
        endpoint = at(server)
        with pytest.raises(ModelDown):
            await steady(core(endpoint), endpoint, slept, RetryLimits(tries=3)).complete(ASK)
        assert len(server.log) == 3


async def test_the_library_itself_never_retries(core: Make) -> None:
    async with serving(scripted([WORDS]), faults=listed("500", "429")) as server:
        model = core(at(server))
        with pytest.raises(ModelDown):
            await model.complete(ASK)
        with pytest.raises(ModelBusy):
            await model.complete(ASK, on_draft=lambda look: None)
        assert len(server.log) == 2


async def test_a_server_that_says_nothing_is_given_up_in_time(core: Make, slept: Slept) -> None:
    async with serving(scripted([WORDS]), faults=listed("hang")) as server:
        endpoint = at(server)
        model = core(endpoint, server.clock)
        assert (await steady(model, endpoint, slept).complete(ASK)).reply == WORDS
        assert server.hanging.is_set()


async def test_cancelling_a_turn_ends_it_at_once(core: Make) -> None:
    async with serving(scripted([WORDS]), faults=listed("hang")) as server:
        model = core(at(server))
        turn = asyncio.create_task(model.complete(ASK))
        await asyncio.wait_for(server.hanging.wait(), 60)
        turn.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(turn, 60)


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        ("too-long", ModelTooLong, "larger context"),
        ("no-credit", ModelFailed, "no credit"),
        ("429", ModelBusy, "rate-limiting"),
        ("500", ModelDown, "returned status 500: “Something broke”. Press Retry"),
        ("cut", ModelDown, "is down"),
        ("empty", ModelGarbled, "empty"),
        ("malformed-arguments", ModelGarbled, "not JSON"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_each_trouble_is_one_sentence_without_the_key(
    fault: Fault, kind: type[ModelFailed], words: str, stream: bool, core: Make
) -> None:
    async with serving(scripted([TWO_CALLS]), faults=listed(fault)) as server:
        with pytest.raises(kind, match=words) as caught:
            await core(at(server)).complete(ASK_TOOLS, on_draft=ReadAlong() if stream else None)
        assert "'test-model'" in str(caught.value)
        shown = [caught.value, caught.value.__cause__]
        assert not any(KEY in str(error) for error in shown)


async def test_a_refused_key_names_the_setting_and_not_the_key(core: Make) -> None:
    async with serving(scripted([WORDS])) as server:
        with pytest.raises(ModelRefusedKey, match="THREADWORK_MODELS__API_KEY") as caught:
            await core(at(server, key="wrong-secret")).complete(ASK)
        assert "wrong-secret" not in str(caught.value)
        assert "wrong-secret" not in repr(at(server, key="wrong-secret"))


async def test_an_unknown_model_is_named(core: Make) -> None:
    async with serving(scripted([WORDS])) as server:
        with pytest.raises(ModelUnknown, match="'no-such-model'"):
            await core(at(server)).complete(ASK.model_copy(update={"model": "no-such-model"}))


async def test_a_name_without_a_provider_is_explained_when_there_is_no_server(core: Make) -> None:
    with pytest.raises(ModelUnknown, match="provider/model"):
        await core(Endpoint(api_key=KEY)).complete(ASK.model_copy(update={"model": "no-such-model"}))


async def test_an_address_where_nobody_answers_is_down(core: Make) -> None:
    with pytest.raises(ModelDown, match="THREADWORK_MODELS__API_BASE"):
        await core(Endpoint(api_base="http://127.0.0.1:9/v1", api_key=KEY)).complete(ASK)


async def test_the_next_model_answers_when_the_first_fails_and_people_are_told(core: Make, slept: Slept) -> None:
    async with serving(scripted([WORDS]), faults=listed("500", "500")) as server:
        endpoint = at(server, EndpointModel("test-model", fallbacks=("no-such-model", "other-model")))
        answer = await steady(core(endpoint), endpoint, slept, RetryLimits(tries=2)).complete(ASK)
        assert answer.model == "other-model"
        assert "'other-model' answered instead of 'test-model'" in answer.note
        assert "returned status 500" in answer.note


async def test_when_all_fail_the_first_reason_and_the_others_are_named(core: Make, slept: Slept) -> None:
    async with serving(scripted([WORDS]), faults=listed(*["500"] * 4)) as server:
        endpoint = at(server, EndpointModel("test-model", fallbacks=("other-model",)))
        with pytest.raises(ModelDown, match="fallbacks failed too: 'other-model'"):
            await steady(core(endpoint), endpoint, slept, RetryLimits(tries=2)).complete(ASK)


async def test_a_conversation_that_is_too_long_is_not_tried_elsewhere(core: Make, slept: Slept) -> None:
    async with serving(scripted([WORDS]), faults=listed("too-long")) as server:
        endpoint = at(server, EndpointModel("test-model", fallbacks=("other-model",)))
        with pytest.raises(ModelTooLong):
            await steady(core(endpoint), endpoint, slept).complete(ASK)
        assert len(server.log) == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_cost_comes_from_the_row_or_the_price_table_and_is_zero_when_unknown(stream: bool, core: Make) -> None:
    async with serving(scripted([WORDS])) as server:
        server.models = ("test-model", "other-model", "gpt-4o-mini")
        model = core(at(server, EndpointModel("other-model", prices=Prices(0.001, 0.01, 0.001))))
        told = ReadAlong() if stream else None
        free = await model.complete(ASK, on_draft=told)
        own = await model.complete(ASK.model_copy(update={"model": "other-model"}), on_draft=told)
        listed_price = await model.complete(ASK.model_copy(update={"model": "gpt-4o-mini"}), on_draft=told)
        assert free.cost == 0
        assert own.cost == pytest.approx(own.usage.prompt * 0.001 + own.usage.completion * 0.01)
        assert 0 < listed_price.cost < 0.01


async def test_no_key_of_the_environment_travels_to_a_local_server(core: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    async with serving(scripted([WORDS])) as server:
        with pytest.raises(ModelRefusedKey):
            await core(Endpoint(api_base=server.url)).complete(ASK)


async def test_nothing_is_printed(core: Make, slept: Slept, capfd: pytest.CaptureFixture[str]) -> None:
    async with serving(scripted([WORDS]), faults=listed("500", "429", "cut", "empty")) as server:
        endpoint = at(server)
        await steady(core(endpoint), endpoint, slept).complete(ASK, on_draft=lambda look: None)
    assert capfd.readouterr() == ("", "")


async def test_the_whole_rehearsal_runs_through_litellm_and_asks_nothing_twice(
    core: Make, slept: Slept, tmp_path: Path
) -> None:
    sites = copy_sites(tmp_path / "sites")
    async with serving(rehearsal(BASE), faults=seeded(0.1, seed=3)) as server:
        endpoint = at(server)
        model = steady(core(endpoint), endpoint, slept)
        stage = Stage(model, sites, STANDARD)
        system = Said(role="system", text="- browser: b\n- document: d")
        ask = Prompt(
            model="test-model", messages=(system, Said(role="user", text=STANDARD)), tools=SPECS, must_call=True
        )
        plan = parse("propose_plan", (await model.complete(ask)).reply.calls[0].args)
        assert isinstance(plan, Plan)
        await stage.play(plan)
        assert len(stage.delivered) == 2
        assert server.answered_twice() == []
        assert server.refused == []


_ALONE = """
import asyncio, socket, sys
asked = []
real = socket.getaddrinfo
def only_loopback(host, *rest, **more):
    asked.append(host)
    assert host in ("127.0.0.1", "localhost", None), host
    return real(host, *rest, **more)
socket.getaddrinfo = only_loopback
connect = socket.socket.connect
def loopback_connect(self, address):
    assert self.family == socket.AF_UNIX or address[0] == "127.0.0.1", address
    return connect(self, address)
socket.socket.connect = loopback_connect
from agents.models.endpoint import Endpoint
from agents.models.litellm_model import LiteLLM
from orchestrator.domain.model_messages import Prompt, Said
assert "litellm" not in sys.modules
async def main(url, key):
    model = LiteLLM(Endpoint(api_base=url, api_key=key))
    for on_draft in (None, lambda look: look()):
        await model.complete(Prompt(model="test-model", messages=(Said(role="user", text="hi"),)), on_draft=on_draft)
    await model.close()
asyncio.run(main(*sys.argv[1:]))
assert set(asked) <= {"127.0.0.1", "localhost", None}, asked
"""


@pytest.mark.slow
async def test_a_process_of_its_own_calls_nobody_else_prints_nothing_and_leaves_nothing_open() -> None:
    async with serving(scripted([WORDS])) as server:
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-W", "always::ResourceWarning", "-c", _ALONE, server.url, KEY,
            cwd=Path(__file__).parents[2], stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        try:
            said, _ = await asyncio.wait_for(child.communicate(), 60)
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        assert said.decode() == ""
        assert child.returncode == 0
        assert len(server.log) == 2


async def test_no_tokenizer_is_downloaded_for_a_models_name(monkeypatch: pytest.MonkeyPatch) -> None:
    lib = await litellm_import.load()
    asked: list[str] = []
    utils = importlib.import_module("litellm.utils")

    def load(kind: str, *_: object) -> None:
        asked.append(kind)

    monkeypatch.setattr(utils, "_load_huggingface_tokenizer", load)
    for name in ("groq/llama-3.3-70b-versatile", "openai/meta-llama/Llama-3.1-8B", "replicate/meta/llama-2-70b-chat"):
        assert await asyncio.to_thread(lib.token_counter, model=name, text="Two and three are five.") > 0
    assert asked == []
