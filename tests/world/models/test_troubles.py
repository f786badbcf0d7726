"""Errors as vendors word them: waited out, worked around, or told with the one next step."""

import pytest

from agents.models.endpoint import EndpointModel
from tests.world.models.answers import Refused, Said, call, calls, words
from tests.world.models.behaviours import WorldOfOne, behaviour, done, failed

FINAL = words("The total is 42.")
GEMINI = Said(blocks=[{"text": "42"}], finish="STOP")
QUOTA = "You exceeded your current quota, please check your plan and billing details."


@behaviour("wait")
@pytest.mark.parametrize(
    ("refused", "seconds"),
    [
        (Refused(429, f"{QUOTA} Please retry in 36.5s."), 36.5),
        (Refused(429, QUOTA, more={"details": [{"@type": "x/RetryInfo", "retryDelay": "36s"}]}), 36),
        (Refused(429, "Rate limit reached on tokens per min (TPM). Please try again in 1m2.5s."), 62.5),
        (Refused(429, "Slow down.", {"Retry-After": "9"}), 9),
        (Refused(429, "Slow down.", {"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1m3s"}), 63),
    ],
)
async def test_a_wait_is_kept_wherever_it_is_named(world: WorldOfOne, refused: Refused, seconds: float) -> None:
    world.answers(refused, FINAL)
    done(await world.step(), "The total is 42.")
    assert world.slept == [pytest.approx(seconds)]


@behaviour("wait")
async def test_geminis_words_of_an_empty_account_are_a_wait_too(world: WorldOfOne) -> None:
    world.model = "gemini/gemini-2.5-pro"
    info = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "36s"}]
    world.answers(Refused(429, QUOTA, more={"status": "RESOURCE_EXHAUSTED", "details": info}), GEMINI)
    done(await world.step(), "42")
    assert world.slept == [36]


@behaviour("wait")
@pytest.mark.parametrize("status", [529, 503])
async def test_an_overloaded_provider_is_asked_again(world: WorldOfOne, status: int) -> None:
    world.answers(Refused(status, "Overloaded"), FINAL)
    done(await world.step(), "The total is 42.")


OVERFLOWS = {
    "openai": Refused(
        400, "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001."
    ),
    "anthropic": Refused(400, "prompt is too long: 208310 tokens > 200000 maximum"),
    "llama.cpp": Refused(500, "the request exceeds the available context size, try increasing it"),
    "lm studio": Refused(400, "Trying to keep the first 9000 tokens when context the overflows."),
    "zhipu": Refused(400, "Prompt exceeds max length", more={"code": "1261"}),
    "kimi": Refused(400, "Invalid request: Your request exceeded model token limit: 8192 (requested: 9001)"),
    "mistral": Refused(400, "Prompt contains 9001 tokens, too large for model with 8192 maximum context length"),
    "bedrock": Refused(400, "Input is too long for requested model."),
    "gemini": Refused(400, "The input token count (9001) exceeds the maximum number of tokens allowed (8192)."),
    "per minute": Refused(429, "Request too large for m on tokens per min (TPM): Limit 8000, Requested 9001."),
    "per minute, as too large": Refused(413, "Request too large on tokens per minute (TPM), reduce your message size."),
}


@behaviour("overflow")
@pytest.mark.parametrize("refused", OVERFLOWS.values(), ids=OVERFLOWS)
async def test_an_overflow_shortens_and_asks_again_within_the_turn(world: WorldOfOne, refused: Refused) -> None:
    world.file = "A long line. " * 4000
    world.answers(calls(call("read_file", {"path": "a.txt"})), refused, FINAL)
    step = await world.step()
    done(step, "The total is 42.")
    assert (step.attempt, step.turns) == (1, 3)
    assert len(str(world.sent())) < len(str(world.sent(1))) / 2
    assert "Read a.txt and say what it says." in str(world.sent())


@behaviour("overflow")
async def test_a_small_window_is_reached_in_several_steps(world: WorldOfOne) -> None:
    world.file = "A long line. " * 4000
    world.server.window = 20_000
    reads = [calls(call("read_file", {"path": f"{n}.txt"})) for n in range(4)]
    world.answers(*reads, FINAL)
    done(await world.step(), "The total is 42.")


@behaviour("overflow")
async def test_what_can_not_be_shortened_is_told(world: WorldOfOne) -> None:
    world.answers(OVERFLOWS["bedrock"])
    failed(await world.step(), "too long", "larger context window")


FIRM: dict[str, tuple[Refused, tuple[str, ...]]] = {
    "vllm without tools": (
        Refused(400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'),
        ("--enable-auto-tool-choice", "--tool-call-parser", "press Retry"),
    ),
    "llama.cpp without tools": (Refused(500, "tools param requires --jinja flag"), ("llama-server with --jinja",)),
    "model without tools": (Refused(400, "library/tiny does not support tools"), ("can't call tools", "Choose a "
    "model")),
    "router without tools": (Refused(404, "No endpoints found that support tool use."), ("can't call tools",)),
    "no credit": (Refused(429, QUOTA, more={"code": "insufficient_quota"}), ("no credit", "press Retry")),
    "no balance": (Refused(402, "Insufficient Balance"), ("no credit",)),
    "low balance": (Refused(400, "Your credit balance is too low to access this API."), ("no credit",)),
    "used up for today": (Refused(429, "Quota exceeded for requests per day, limit: 250"), ("Today",)),
    "wrong region": (Refused(403, "Country, region, or territory not supported"), ("region",)),
    "wrong location": (Refused(400, "User location is not supported for the API use."), ("region",)),
    "filter": (Refused(400, "The response was filtered by the content management policy."), ("content filter",)),
    "high risk": (Refused(400, "The request was rejected because it was considered high risk"), ("content filter",)),
    "unknown model": (Refused(404, "The model `m` does not exist"), ("doesn't know the model", "Edit plan")),
    "not pulled": (Refused(404, 'model "m" not found, try pulling it first'), ("ollama pull",)),
    "no access": (Refused(403, "Project does not have access to model `m`"), ("doesn't have access", "Enable it")),
    "too little memory": (Refused(500, "model requires more system memory (8 GiB) than is available"), ("memory",)),
}  # fmt: skip


@behaviour("told")
@pytest.mark.parametrize(("refused", "sentence"), FIRM.values(), ids=FIRM)
async def test_each_trouble_is_told_at_once_with_its_next_step(
    world: WorldOfOne, refused: Refused, sentence: tuple[str, ...]
) -> None:
    world.answers(refused)
    step = await world.step()
    failed(step, "'openai/m'", *sentence)
    assert step.attempt == 1
    assert len(world.requests) == 1
    assert world.slept == []


@behaviour("told")
async def test_a_fallback_goes_on_where_an_account_is_empty(world: WorldOfOne) -> None:
    world.rows = (EndpointModel("openai/m", fallbacks=("openai/n",)),)
    world.answers(Refused(402, "Insufficient Balance"), FINAL)
    done(await world.step(), "The total is 42.")
    assert [r["model"] for r in world.requests] == ["m", "n"]


@behaviour("told")
async def test_no_sentence_quotes_the_vendor(world: WorldOfOne) -> None:
    world.answers(Refused(400, "Something odd about sk-secret-77 happened"))
    step = await world.step()
    failed(step, "rejected the request")
    assert "sk-secret-77" not in step.problem


ECHO = "Ledger note: the customer has insufficient balance, and our content policy allows no rate limit per day."
ROW = {"type": "string_type", "loc": ["body", "messages", 2, "content"], "msg": "Input should be a valid string"}


@behaviour("told")
@pytest.mark.parametrize(
    "refused",
    [
        Refused(400, f"[{ {**ROW, 'input': ECHO, 'ctx': {'error': ECHO}} }]"),
        Refused(422, "The request is invalid.", more={"detail": [{**ROW, "input": {"text": [ECHO]}}]}),
        Refused(400, f"messages.2.content can't be read: {ECHO}"),
    ],
    ids=["rows in words", "rows", "quoted"],
)
async def test_words_of_the_request_say_nothing_about_the_error(world: WorldOfOne, refused: Refused) -> None:
    world.file = ECHO
    world.answers(calls(call("read_file", {"path": "a.txt"})), refused)
    failed(await world.step(), "rejected the request")
