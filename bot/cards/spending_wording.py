"""What a task or a step has spent, in words. Pure."""

from orchestrator.domain.token_usage import Usage

UNPRICED = (
    "The price of {!r} isn't known, so its tokens are counted instead of its cost (limits.task_tokens). To count "
    "the cost, set its prompt_price and completion_price in models.rows."
)
"""Said once in a task for each such model."""


def money(dollars: float) -> str:
    """Returns an amount as people read it."""
    return "<$0.01" if 0 < dollars < 0.005 else f"${dollars:.2f}"


def spent(cost: float, used: Usage) -> str:
    """Returns money and tokens: never a sum of money that leaves out what has no known price."""
    if not used.tokens:
        return money(cost)
    tokens = f"{used.tokens:,} tokens" + (f", {used.cached:,} cached" if used.cached else "")
    if not used.unpriced:
        return f"{money(cost)} · {tokens}"
    if used.unpriced == used.tokens and not cost:
        return f"{tokens}, price unknown"
    return f"{money(cost)} and {used.unpriced:,} tokens with no known price · {tokens}"


def spent_so_far(cost: float, unpriced: int) -> str:
    """Returns the sum of several tasks."""
    return f"${cost:.2f}" + (f" and {unpriced:,} tokens with no known price" if unpriced else "")


def spent_briefly(cost: float, used: Usage) -> str:
    """Returns the same in a few characters; empty if nothing was spent."""
    parts = [money(cost)] if cost >= 0.005 else []
    if used.unpriced:
        parts.append(f"{_short(used.unpriced)} tokens")
    return " + ".join(parts)


def _short(tokens: int) -> str:
    return f"{tokens / 1e6:.1f}M" if tokens >= 1e6 else f"{tokens / 1000:.1f}k" if tokens >= 1000 else str(tokens)
