"""Models whose price isn't known: their tokens are counted, limited and shown in place of money."""

from pathlib import Path

import pytest

from agents.loop.budget import SpendingLimits
from agents.models.endpoint import Endpoint, EndpointModel, Prices
from bot.bootstrap.model_notices import model_notices
from bot.bootstrap.models import endpoint_of
from bot.cards.card_projection import project
from bot.cards.spending_wording import spent, spent_briefly
from bot.config.settings import load
from orchestrator.domain import commands as c
from orchestrator.domain.ids import TaskId
from orchestrator.domain.model_messages import Answer, Prompt, Reply, Said
from orchestrator.domain.token_usage import Usage
from orchestrator.domain.tool_calls import Effect, HostCall
from orchestrator.ports import OnDraft
from tests.litellm_cores import Make
from tests.memory_hub import ADA, Stage, say, stage
from tests.model_server import KEY, scripted, serving
from tests.recorded_tasks import planned, row

LOCAL, PRICED = "local", "priced"
EACH = Usage(prompt=900, completion=100, unpriced=1000)


class TwoModels:
    """A step per model: `a` runs on a model of unknown price, `b` on one that costs a cent a turn."""

    def __init__(self, turns: int = 6) -> None:
        self.turns = turns

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Answer:
        if any(tool.name == "propose_plan" for tool in prompt.tools):
            plan = planned(row("a", model=LOCAL), row("b", model=PRICED))
            return Answer(reply=plan, model="planner", usage=Usage(prompt=10), cost=0.001)
        turn = sum(isinstance(m, Reply) for m in prompt.messages)
        reply = say(list_files={}) if turn < self.turns - 1 else say("Done.")
        if prompt.model == LOCAL:
            return Answer(reply=reply, model=LOCAL, usage=EACH)
        return Answer(reply=reply, model=PRICED, usage=Usage(prompt=900, completion=100, cached=600), cost=0.01)


async def opened(on: Stage) -> TaskId:
    async def nothing(_call: HostCall) -> str:
        return "no files"

    on.host.tool("list_files", nothing, Effect.READ)
    task = await on.ask("Do both")
    await on.press_start(task)
    return task


async def test_both_limits_bind_in_a_task_with_a_priced_and_an_unpriced_model(tmp_path: Path) -> None:
    limits = {"spending": SpendingLimits(cost=0.03, tokens=3000)}
    async with stage(tmp_path, TwoModels(12), limits=limits) as on:  # pyright: ignore[reportArgumentType]
        task = await opened(on)
        asked: list[str] = []
        for number in range(2):
            state = await on.until(task, lambda s, n=number: len(s.questions) > n)
            name, one = list(state.questions.items())[number]
            asked.append(one.question.text)
            answers = {"more": one.question.fields[0].options[0]}
            await on.desk.submit(c.AnswerQuestion(id=f"y{name}", by=ADA, task=task, question=name, answers=answers))
        tokens = "This task has used 3,000 tokens on models without a known price; its limit is 3,000 tokens "
        assert sorted(text.partition("(")[2] for text in asked) == [
            "limits.task_cost). Continue?",
            "limits.task_tokens). Continue?",
        ]
        assert f"{tokens}(limits.task_tokens). Continue?" in asked
        state = await on.until(task, lambda s: len(s.questions) > 2)
        name = list(state.questions)[2]
        no = {"more": "No, don't spend more"}
        await on.desk.submit(c.AnswerQuestion(id="no", by=ADA, task=task, question=name, answers=no))
        state = await on.until(task, lambda s: any(x.status == "failed" for x in s.subtasks.values()))
        assert "declined to spend more" in next(x.problem for x in state.subtasks.values() if x.status == "failed")


async def test_the_card_shows_tokens_where_no_price_is_known_and_says_so_once(tmp_path: Path) -> None:
    async with stage(tmp_path, TwoModels()) as on:  # pyright: ignore[reportArgumentType]
        task = await opened(on)
        state = await on.until(task, lambda s: s.phase == "done")
    card = project(state)
    assert card.spent == "$0.06 and 6,000 tokens with no known price · 12,010 tokens, 3,600 cached"
    rows = {one.id: one.spent for one in card.rows}
    assert rows == {"a": "6.0k tokens", "b": "$0.06"}
    said = [post for post in card.posts if "price" in post.text]
    assert [post.text.partition(",")[0] for post in said] == ["The price of 'local' isn't known"]
    assert "limits.task_tokens" in said[0].text
    assert len({post.seq for post in card.posts}) == len(card.posts)


@pytest.mark.parametrize(
    ("cost", "used", "words", "short"),
    [
        (0.0, Usage(), "$0.00", ""),
        (0.123, Usage(), "$0.12", "$0.12"),
        (0.001, Usage(prompt=100), "<$0.01 · 100 tokens", ""),
        (0.5, Usage(prompt=12_000, completion=400, cached=9_800),
         "$0.50 · 12,400 tokens, 9,800 cached", "$0.50"),
        (0.0, Usage(prompt=12_000, completion=400, cached=9_800, unpriced=12_400),
         "12,400 tokens, 9,800 cached, price unknown", "12.4k tokens"),
        (0.0, Usage(prompt=1_000, unpriced=600),
         "$0.00 and 600 tokens with no known price · 1,000 tokens", "600 tokens"),
        (2.0, Usage(prompt=3_000_000, unpriced=2_000_000),
         "$2.00 and 2,000,000 tokens with no known price · 3,000,000 tokens", "$2.00 + 2.0M tokens"),
    ],
)  # fmt: skip
def test_money_never_leaves_out_what_has_no_price(cost: float, used: Usage, words: str, short: str) -> None:
    assert (spent(cost, used), spent_briefly(cost, used)) == (words, short)


@pytest.mark.parametrize(
    ("model", "prices", "known"),
    [
        ("test-model", None, False),
        ("test-model", Prices(0.0, 0.0, 0.0), True),
        ("test-model", Prices(1e-6, 1e-6, 1e-6), True),
    ],
)
@pytest.mark.parametrize("reports", [True, False])
async def test_tokens_are_counted_apart_exactly_where_no_price_is_known(
    model: str, prices: Prices | None, known: bool, reports: bool, core: Make
) -> None:
    async with serving(scripted([Reply(text="Five, as far as anybody knows.")])) as server:
        server.reports_usage = reports
        endpoint = Endpoint(api_base=server.url, api_key=KEY, rows=(EndpointModel(model, prices=prices),))
        answer = await core(endpoint).complete(Prompt(model=model, messages=(Said(role="user", text="2 + 3?"),)))
    assert answer.usage.prompt > 3
    assert answer.usage.completion > 3
    assert answer.usage.unpriced == (0 if known else answer.usage.tokens)


async def test_doctor_names_the_models_without_a_known_price(tmp_path: Path) -> None:
    models = {
        "default": "openai/gpt-4o-mini",
        "planner": "mine",
        "roles": {"browser": "openai/of-tomorrow"},
        "rows": {
            "mine": {"model": "openai/x", "api_base": "http://127.0.0.1:9/v1"},
            "free": {"model": "openai/y", "prompt_price": 0, "completion_price": 0},
        },
    }
    settings = load(home=tmp_path, models=models, environment={})
    assert list((await model_notices(settings)).unpriced) == ["mine", "openai/of-tomorrow"]
    assert endpoint_of(settings).row("free").prices == Prices(0.0, 0.0, 0.0)
