"""Every error this project raises on purpose, under one base class.

The command line turns a `CandidacyError` into one line on stderr and its `exit_code`.
"""


class CandidacyError(Exception):
    """Base class. `str(error)` is one line for the user: what, where, and the remedy."""

    exit_code = 1


class UserError(CandidacyError):
    """The user can mend it: a missing file, an unknown name, an option that does not fit."""

    exit_code = 2


class SourceError(UserError):
    """A SOURCE argument that cannot be read at all: missing, unreadable, empty, binary, no mailbox."""


class UnknownNameError(UserError):
    """A candidate or election that the workspace does not hold, or an ambiguous name."""


class WorkspaceError(UserError):
    """A workspace that is missing, of another version, of another model, or locked."""


class FetchError(CandidacyError):
    """An archive that could not be fetched, or not all of it: running the same command again goes on from there."""

    exit_code = 3


class ModelError(CandidacyError):
    """A model that is missing, damaged, or not the one it claims to be."""
