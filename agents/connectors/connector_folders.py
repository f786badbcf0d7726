"""Where a hub keeps what belongs to its connectors."""

from pathlib import Path
from typing import NamedTuple


class ConnectorPlaces(NamedTuple):
    """`home`: the hub's own folder for settings, secrets and approvals. `servers`: the servers' folders.

    `near`: private addresses that the machine's owner opened.
    """

    home: Path
    servers: Path
    near: tuple[str, ...] = ()
