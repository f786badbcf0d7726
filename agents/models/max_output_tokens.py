"""Decides how many tokens a reply may have, where a vendor or the library would allow too few. Pure."""

from collections.abc import Mapping
from typing import Any

ROOM = 32_000
"""For models that no table knows; a server with less says so, and is asked for less."""
_FIRST_MORE = 8_192
_MOST = 128_000
_SMALL = ("anthropic", "bedrock", "vertex_ai", "vertex_ai_beta", "azure_ai", "databricks", "sagemaker_chat", "oci",
          "watsonx", "huggingface", "replicate", "triton", "snowflake")  # fmt: skip
"""Providers for which the library, or the vendor, sets a small limit if a request has none."""


def usual_room(provider: str, name: str, row: Mapping[str, Any] | None) -> int | None:
    """Returns the limit to send with every request; None to send none. `row`: the model's, of the library's table."""
    if provider not in _SMALL or (provider == "vertex_ai" and "claude" not in name):
        return None
    return most_room(row) or ROOM


def most_room(row: Mapping[str, Any] | None) -> int | None:
    """Returns the largest limit by the table, if it knows one."""
    most = (row or {}).get("max_output_tokens")
    return int(most) if isinstance(most, int | float) and most >= 1 else None


def more_room(sent: int | None, used: int, most: int | None) -> int | None:
    """Returns what to ask for after a reply of `used` tokens was cut off; None if there is no more.

    `sent`: the limit that was sent, if any. `most`: the largest the model is known to accept.
    """
    wanted = max(_FIRST_MORE, 4 * (sent or used))
    found = min(wanted, most or _MOST)
    return found if found > max(sent or 0, used) else None
