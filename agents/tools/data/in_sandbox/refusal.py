"""Defines the one error that is an answer: a sentence for the agent."""


class CannotDo(Exception):
    """The request can't be carried out; the message says why and what to do next."""
