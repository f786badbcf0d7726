"""A complete small platform: a line-based chat over TCP. `platform.py`, `parse.py` and `render.py` are all of it; its row
stands in `tests/scenarios/chat_platforms.py`, and `server/` is the strict other side with its people."""
