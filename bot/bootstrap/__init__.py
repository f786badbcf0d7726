"""Where concrete classes meet: from settings to a running hub. Nothing else knows them all."""

from bot.bootstrap.account_status import News
from bot.bootstrap.hosts import try_host
from bot.bootstrap.hub import Hub, close_desk, invite_link, open_desk, open_hub
from bot.bootstrap.models import try_model
from bot.bootstrap.search import try_search
from bot.config.hub_lock import hub_lock, hub_running

__all__ = [
    "Hub",
    "News",
    "close_desk",
    "hub_lock",
    "hub_running",
    "invite_link",
    "open_desk",
    "open_hub",
    "try_host",
    "try_model",
    "try_search",
]
