"""x"""


class Rehearsal:
    def __init__(self, base_url: str) -> None: ...
