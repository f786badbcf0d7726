"""What a platform provides: a row in `bot/platforms.py`, and the parts of it that are loaded on first use."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

from bot.chat_platform import ChatPlatform, Connected, Read
from bot.config.health_check import HealthCheck
from bot.config.platform_settings import PlatformSettings
from bot.config.platform_setup_steps import Walk
from bot.outbox.rate_limits import Limit

if TYPE_CHECKING:
    from starlette.routing import Route

S = TypeVar("S", bound=PlatformSettings)


class Wiring(NamedTuple):
    """What the hub gives an account. `read`: the bytes of a file on the shelf. `since`: the last message taken in a
    channel, empty for none. `channels`: a team's channels in which anything was received. `connected`: see `Connected`.
    """

    read: Read
    since: Callable[[str], Awaitable[str]]
    channels: Callable[[str], Awaitable[Sequence[str]]]
    connected: Connected


class Accounts(Protocol):
    """Accounts of one platform that come and go while the hub runs, e.g. workspaces that install an app."""

    @property
    def known(self) -> Mapping[str, object]:
        """By name. If another account has the same name, it is opened again."""
        ...

    async def run(self) -> None:
        """Listens for all of them, until canceled."""
        ...

    async def news(self) -> set[str]:
        """Waits for a change. Returns the names of accounts that have to be opened again."""
        ...

    async def open(self, name: str, wiring: Wiring) -> ChatPlatform | None:
        """Returns None if that account is gone; it is then no longer known."""
        ...


class SharedEndpoint(Protocol):
    """How a platform reaches this hub if an account doesn't connect on its own. `routes`: what the web server answers
    for it. `accounts`: None for one account."""

    @property
    def routes(self) -> Sequence["Route"]: ...

    @property
    def accounts(self) -> Accounts | None: ...

    async def open(self, wiring: Wiring) -> ChatPlatform:
        """The one account."""
        ...


async def no_endpoint(settings: PlatformSettings, home: Path) -> SharedEndpoint | None:
    """For a platform whose account connects on its own."""
    return None


@dataclass(frozen=True)
class Service(Generic[S]):
    """The parts that need the platform's own libraries. `open`: creates the account, which connects in `run`.
    `examine`: asks the platform about the settings. `walk`: how it is set up. `examine` and `endpoint` get the data
    folder too."""

    open: Callable[[S, Wiring], ChatPlatform]
    examine: Callable[[S, Path], Awaitable[Sequence[HealthCheck]]]
    walk: Callable[[S], Walk]
    endpoint: Callable[[S, Path], Awaitable[SharedEndpoint | None]] = no_endpoint


@dataclass(frozen=True)
class Platform(Generic[S]):
    """One row. `name`: of the section, of `threadwork init`, and the prefix of people's ids. `title`: for people.
    `team`: a pattern for team ids. `thinking`: seconds for which the platform shows the typing indicator, 0 for never.
    `largest`: files of more bytes get a link, 0 if the adapter decides. `service`: loads the rest, which may take a
    while. `manifest`: a file that `threadwork init` can print."""

    name: str
    title: str
    settings: type[S]
    team: str
    limits: tuple[Limit, ...]
    service: Callable[[], Service[S]]
    thinking: float = 0
    largest: int = 0
    manifest: Callable[[], Path] | None = None
