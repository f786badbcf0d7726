"""What models have read and written, in tokens."""

from orchestrator.domain.base_value import Value
from orchestrator.errors import Spent


class Usage(Value):
    """Tokens of one or more model turns. `cached`, `written`: those of the prompts that the vendor read from its cache,
    and put there. `unpriced`: those of models whose price isn't known."""

    prompt: int = 0
    completion: int = 0
    cached: int = 0
    written: int = 0
    unpriced: int = 0

    @classmethod
    def of(cls, spent: Spent) -> "Usage":
        """Returns the tokens of replies that came to nothing."""
        return cls(
            prompt=spent.prompt,
            completion=spent.completion,
            cached=spent.cached,
            written=spent.written,
            unpriced=spent.unpriced,
        )

    def spent(self, cost: float) -> Spent:
        """Returns the same as what was spent on replies that came to nothing."""
        return Spent(cost, self.prompt, self.completion, self.cached, self.written, self.unpriced)

    @property
    def tokens(self) -> int:
        """Returns all tokens that were read and written."""
        return self.prompt + self.completion

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            prompt=self.prompt + other.prompt,
            completion=self.completion + other.completion,
            cached=self.cached + other.cached,
            written=self.written + other.written,
            unpriced=self.unpriced + other.unpriced,
        )


NOTHING = Usage()
