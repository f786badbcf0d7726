"""Shows a followed task's card: live on a terminal that can redraw, else line by line."""

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.live import Live

from bot.cards.card import Card, DraftLine
from bot.terminal import draw_card
from orchestrator.ports import Clock


class LiveView:
    """Shows the newest card. Call `pause` before anything else writes to the terminal."""

    def __init__(self, console: Console, clock: Clock) -> None:
        self._console = console
        self._moves = console.is_terminal and not console.is_dumb_terminal
        self._clock = clock
        self._card: Card | None = None
        self._left: Card | None = None
        self._live: Live | None = None
        self._drafts: Sequence[DraftLine] = ()

    def write(self, drafts: Sequence[DraftLine]) -> None:
        """Shows what models are writing, below the live card."""
        self._drafts = drafts

    def show(self, card: Card) -> None:
        """Shows the card as it is now; new sentences of the thread stay above it."""
        before, self._card = self._card, card
        if not self._moves:
            for line in draw_card.changes(before, card):
                self._console.print(line, markup=False, highlight=False, emoji=False, soft_wrap=True)
            return
        seen = {post.seq for post in before.posts} if before else {0}
        for post in card.posts:
            if post.seq not in seen:
                self._console.print(draw_card.post(post))
        if self._live is None:
            self._live = Live(get_renderable=self._drawn, console=self._console, refresh_per_second=4, transient=True)
            self._live.start(refresh=True)

    def pause(self) -> None:
        """Removes the live card."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def leave(self) -> None:
        """Ends the live display and leaves the card on the screen, once for each card."""
        self.pause()
        self._drafts = ()
        if self._moves and self._card is not self._left:
            self._console.print(self._drawn())
            self._left = self._card

    def _drawn(self) -> RenderableType:
        if self._card is None:
            return ""
        card = draw_card.card(self._card, self._clock.now())
        return Group(card, draw_card.drafts(self._drafts)) if self._drafts else card
