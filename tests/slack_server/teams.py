"""Further workspaces of the same Slack, each with people, channels and a token of its own."""

from typing import TYPE_CHECKING

from tests.slack_server.acting import Acting
from tests.slack_server.events import Events
from tests.slack_server.methods import Methods
from tests.slack_server.rates import Rates
from tests.slack_server.world import World

if TYPE_CHECKING:
    from tests.slack_server.server import SlackServer


class Team(Acting):
    """A workspace that has no app yet."""

    def __init__(self, server: "SlackServer", number: int) -> None:
        self._server = server
        self.world = World(f"T{number}TEAM", f"U{number}BOT", f"B{number}BOT", server.world)
        self.sockets, self.base, self.refusals = server.sockets, server.base, server.refusals
        self.rates = Rates(server.now)
        self.events = Events(self.world, self.sockets)
        self.bot, self.mention = self.world.bot, f"<@{self.world.bot}>"
        self.token = ""
        self.methods = Methods(
            self.world, base=lambda: self.base, posted=self.events.posted, changed=self.events.changed,
            share=lambda *file: None,
        )  # fmt: skip

    def consents(self, location: str) -> str:
        """Somebody here says yes on the page that `location` leads to: the query Slack sends them back with."""
        self.token = f"xoxb-{self.world.team}-{len(self._server.teams)}"
        about = {"team": {"id": self.world.team, "name": f"Team {self.world.team}"}, "bot_user_id": self.bot}
        query = self._server.oauth.consented(location, {**about, "access_token": self.token})
        self._server.teams[self.token] = self
        return query

    def uninstalls(self) -> None:
        """The token is dead at once; the app hears of it in its own time."""
        del self._server.teams[self.token]
        self.events.lost()
