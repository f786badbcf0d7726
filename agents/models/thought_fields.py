"""Names the fields with thoughts, and joins their pieces. Pure."""

from typing import Any, cast

SENT = ("reasoning_content", "reasoning", "reasoning_details", "thinking_blocks", "thinking")
"""Fields of a message that servers with OpenAI's protocol send with thoughts, and read."""


def joined(before: Any, piece: Any) -> Any:
    """Returns streamed thoughts with their next piece: text grows, and the pieces of one block become one block."""
    if isinstance(before, str) and isinstance(piece, str):
        return before + piece
    if isinstance(before, dict) and isinstance(piece, dict):
        old, new = cast("dict[str, Any]", before), cast("dict[str, Any]", piece)
        return old | {name: joined(old.get(name), value) for name, value in new.items()}
    if isinstance(before, list) and isinstance(piece, list):
        rows = list(cast("list[Any]", before))
        for block in cast("list[Any]", piece):
            if rows and _continues(rows[-1], block):
                rows[-1] = _grown(rows[-1], block)
            else:
                rows.append(block)
        return rows
    return cast(Any, before if piece is None else piece)


_GROWS = ("text", "thinking", "summary")


def _continues(block: Any, piece: Any) -> bool:
    """A signature ends a block of thoughts; some servers number the blocks."""
    if not isinstance(block, dict) or not isinstance(piece, dict):
        return False
    old, new = cast("dict[str, Any]", block), cast("dict[str, Any]", piece)
    if old.get("type") != new.get("type") or old.get("index") != new.get("index"):
        return False
    return any(name in old for name in _GROWS) and not old.get("signature")


def _grown(block: dict[str, Any], piece: dict[str, Any]) -> dict[str, Any]:
    text = {n: f"{block.get(n) or ''}{piece.get(n) or ''}" for n in _GROWS if n in block or n in piece}
    return block | {name: value for name, value in piece.items() if value is not None} | text
