"""Defines the errors that are answers: a sentence for the agent."""


class CannotDo(Exception):
    """The request can't be carried out; the message says why and what to do next."""


class BookUnreadable(CannotDo):
    """The library for workbooks can't read the file; LibreOffice may."""
