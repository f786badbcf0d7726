"""The one error that is an answer: a sentence for the agent."""


class CannotDo(Exception):
    """What was asked cannot be done; the message says why and what to do next."""
