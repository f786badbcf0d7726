"""A complete small platform: a line-based chat over TCP. `platform.py`, `parse.py` and `render.py` are all of it.

Its row is in `tests/scenarios/chat_platforms.py`; `server/` is the strict other side with its people.
"""
