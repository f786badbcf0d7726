"""Troubles that need a person: each is told once, in the same words whatever the vendor's are, with the next step."""

import pytest

from tests.world.models.answers import Refused, words
from tests.world.models.behaviours import WorldOfOne, behaviour, done, failed

SPENT = {
    "siliconflow": Refused(403, "Sorry, your account balance is insufficient"),
    "xai": Refused(403, "Your newly created team doesn't have any credits yet. Buy some at https://x.test."),
    "zhipu": Refused(429, "\u60a8\u7684\u8d26\u6237\u5df2\u6b20\u8d39\uff0c\u8bf7\u5145\u503c\u540e\u91cd\u8bd5\u3002"),
    "funds": Refused(403, "You have run out of funds. Please top up your wallet."),
    "billing": Refused(429, "Your account is not active, please check your billing details."),
    "negative": Refused(400, "Account balance is negative"),
}
LIMITED = {
    "proxy": Refused(400, "Budget has been exceeded! Current cost: 10.02, Max budget: 10.0"),
    "proxy user": Refused(400, "ExceededBudget: User=x over budget. Spend=10.1, Budget=10.0"),
    "anthropic": Refused(
        400, "You have reached your specified API usage limits. You will regain access on 2027-01-01."
    ),
    "fireworks": Refused(412, "Account x is suspended, possibly due to reaching the monthly spending limit."),
    "openrouter": Refused(403, "Key limit exceeded. Manage it using https://openrouter.test/settings/keys"),
    "openai": Refused(400, "Billing hard limit has been reached"),
}


@behaviour("told")
@pytest.mark.parametrize("refused", SPENT.values(), ids=SPENT)
async def test_an_empty_account_is_told_as_one(world: WorldOfOne, refused: Refused) -> None:
    world.answers(refused)
    failed(await world.step(), "no credit left", "press Retry")
    assert len(world.requests) == 1


@behaviour("told")
@pytest.mark.parametrize("refused", LIMITED.values(), ids=LIMITED)
async def test_a_spending_limit_is_to_be_raised(world: WorldOfOne, refused: Refused) -> None:
    world.answers(refused)
    failed(await world.step(), "spending limit", "Raise it")
    assert len(world.requests) == 1


@behaviour("told")
@pytest.mark.parametrize(
    "refused",
    [
        Refused(429, "Rate limit reached. Need more? Upgrade at https://x.test/settings/billing, no credits needed."),
        Refused(403, "The key was revoked. See https://x.test/billing/limit-exceeded"),
        Refused(400, "The thinking budget exceeds the limit of this model"),
    ],
    ids=["busy", "key", "thoughts"],
)
async def test_other_troubles_are_not_told_as_money(world: WorldOfOne, refused: Refused) -> None:
    world.answers(refused)
    step = await world.step()
    failed(step)
    assert "credit" not in step.problem
    assert "spending" not in step.problem


WAITS = {
    "header": (Refused(429, "Too many requests.", {"Retry-After": "7200"}), "in 2 hours"),
    "words": (Refused(429, "Rate limit reached for requests per min. Please try again in 6m0s."), "in 6 minutes"),
    "day": (
        Refused(429, "Rate limit of 50 per 86400s exceeded for ByDay. Please wait 42311 seconds."),
        "12 h",
    ),
    "field": (Refused(429, "The usage limit has been reached", more={"resets_in_seconds": 11820}), "in 4 hours"),
    "time": (Refused(429, "Slow down.", more={"resets_at": 4102444800}), "days"),
    "days": (Refused(429, "The weekly limit is reached. Try again in 3 days."), "in 3 days"),
    "overloaded": (Refused(503, "Overloaded", {"Retry-After": "1200"}), "in 20 minutes"),
}


@behaviour("told")
@pytest.mark.parametrize(("refused", "when"), WAITS.values(), ids=WAITS)
async def test_a_wait_that_is_too_long_for_us_is_told(world: WorldOfOne, refused: Refused, when: str) -> None:
    world.answers(refused)
    failed(await world.step(), f"Press Retry {when}" if when.startswith("in") else when, "choose another model")
    assert (len(world.requests), world.slept) == (1, [])


PAGE = "<!DOCTYPE html><html><head><title>{}</title></head><body>Blocked. Model of your gateway.</body></html>"
OTHERS: dict[str, tuple[Refused, tuple[str, ...]]] = {
    "page 403": (
        Refused(403, PAGE.format("Access denied")),
        ("/v1'", "doesn't offer the API", "THREADWORK_MODELS__API_BASE"),
    ),
    "page 404": (Refused(404, PAGE.format("404 Not Found")), ("doesn't offer the API", "API_BASE and the")),
    "no path": (Refused(404, "Not Found"), ("doesn't offer the API", "API_BASE and the")),
    "no method": (Refused(405, "Method Not Allowed"), ("doesn't offer the API", "API_BASE and the")),
    "proxy's name": (
        Refused(400, "/chat/completions: Invalid model name passed in model=m. Call `/v1/models`"),
        ("doesn't know the model",),
    ),
    "not started": (
        Refused(500, "timed out waiting for llama runner to start - progress 0.00 - "),
        ("couldn't load the model", "Check its log"),
    ),
    "not loaded in": (Refused(400, "Failed to load model qwen. Error: unknown architecture"), ("couldn't load",)),
    "buffer": (Refused(500, "error loading model: unable to allocate CUDA0 buffer"), ("more memory",)),
    "data policy": (Refused(404, "No endpoints found matching your data policy"), ("account settings for the key",)),
    "providers": (Refused(404, "No allowed providers are available for the selected model."), ("settings",)),
    "verify": (
        Refused(404, "Your organization must be verified to use the model `m`."),
        ("to be verified", "Verify it"),
    ),
    "other API": (
        Refused(404, "This model is only supported in v1/responses and not in v1/chat/completions."),
        ("only through an API", "Choose another model"),
    ),
    "not loaded": (Refused(404, "No models loaded. Please load a model in the developer page."), ("Load it there",)),
    "retired": (
        Refused(400, "The model `m` has been decommissioned."),
        ("no longer offers",),
    ),
    "ip": (Refused(403, "Your IP address 1.2.3.4 is not allowed to access this API."), ("IP address", "Allow it")),
}


@behaviour("told")
@pytest.mark.parametrize(("refused", "sentence"), OTHERS.values(), ids=OTHERS)
async def test_what_is_wrong_besides_key_and_model_is_told_as_that(
    world: WorldOfOne, refused: Refused, sentence: tuple[str, ...]
) -> None:
    world.answers(refused)
    failed(await world.step(), *sentence)
    assert (len(world.requests), world.slept) == (1, [])


@behaviour("told")
async def test_a_page_for_a_gateway_that_is_down_is_still_tried_again(world: WorldOfOne) -> None:
    world.answers(Refused(502, PAGE.format("502 Bad Gateway")), words("The total is 42."))
    done(await world.step(), "The total is 42.")


CRASHES = {
    "model": Refused(400, "The model has crashed without additional information."),
    "runner": Refused(500, "llama runner process has terminated: exit status 2"),
    "stopped": Refused(500, "model runner has unexpectedly stopped, this may be due to resource limitations"),
}


@behaviour("crashed")
@pytest.mark.parametrize("crash", CRASHES.values(), ids=CRASHES)
async def test_a_crash_is_tried_once_more_and_then_told(world: WorldOfOne, crash: Refused) -> None:
    world.answers(crash)
    step = await world.step()
    failed(step, "crashed", "Check its log", "press Retry")
    assert (step.attempt, len(world.requests), world.slept) == (1, 2, [2.0])


@behaviour("crashed")
@pytest.mark.parametrize("crash", CRASHES.values(), ids=CRASHES)
async def test_a_server_that_starts_again_after_a_crash_goes_on(world: WorldOfOne, crash: Refused) -> None:
    world.answers(crash, words("The total is 42."))
    done(await world.step(), "The total is 42.")


@behaviour("loading")
async def test_a_model_that_takes_minutes_to_load_is_waited_for(world: WorldOfOne) -> None:
    world.answers(*[Refused(503, "Loading model")] * 30, words("The total is 42."))
    done(await world.step(), "The total is 42.")
    assert sum(world.slept) == 150


@behaviour("loading")
@pytest.mark.parametrize(
    "refused",
    [
        Refused(503, "Model a/B-v0.3 is currently loading", more={"estimated_time": 58.0}),
        Refused(503, "The model is cold starting; expected in 58 seconds"),
    ],
    ids=["field", "words"],
)
async def test_the_time_that_a_model_takes_to_load_is_waited_for(world: WorldOfOne, refused: Refused) -> None:
    world.answers(refused, words("The total is 42."))
    done(await world.step(), "The total is 42.")
    assert world.slept == [58]


UNKNOWN = "Field `widget` must be one of: fast, slow."


@behaviour("told")
@pytest.mark.parametrize(
    ("status", "next_step"), [(400, "Choose another"), (418, "Choose another"), (500, "Press Retry")]
)
async def test_a_cause_that_nobody_knows_is_told_in_the_servers_words(
    world: WorldOfOne, status: int, next_step: str
) -> None:
    key = "sk-proj-4bC5dE6fG7hI8"
    world.answers(Refused(status, f"{UNKNOWN} Key {key}, Ab3dE6gH9jK2mN5pQ8sT."))
    step = await world.step()
    failed(step, f": “{UNKNOWN} Key …, …”. {next_step}")
