"""The errors a user can meet, each with the exit code that a shell script sees.

::

    HclarityError            1   some inputs failed; the root of them all
    ├── UsageError           2   the command line asks for what cannot be
    ├── BadDataError        65   an input is there but is not what it should be
    ├── MissingInputError   66   an input is not there or may not be read
    ├── UnavailableError    69   weights, a program or the network cannot be had
    ├── CannotCreateError   73   an output cannot be created where it was asked for
    ├── StorageError        74   reading or writing broke off: the disk is full or failing
    └── ConfigurationError  78   a card, recipe or environment setting is wrong

Every message is one line: what is wrong, with the value that is wrong, and what to do about it.
Codes follow ``sysexits.h``. Not in the tree: 70, an error of ours, and 130, an interrupted run.
"""

__all__ = [
    "BadDataError",
    "CannotCreateError",
    "ConfigurationError",
    "HclarityError",
    "MissingInputError",
    "StorageError",
    "UnavailableError",
    "UsageError",
]


class HclarityError(Exception):
    """Something a user can understand and mend."""

    exit_code = 1


class UsageError(HclarityError):
    """The command line, or a call, asks for something that cannot be."""

    exit_code = 2


class BadDataError(HclarityError, ValueError):
    """An input is there but is not what it should be."""

    exit_code = 65


class MissingInputError(HclarityError):
    """An input is not there or may not be read."""

    exit_code = 66


class UnavailableError(HclarityError):
    """Weights, a program or the network cannot be had."""

    exit_code = 69


class CannotCreateError(HclarityError):
    """An output cannot be created where it was asked for."""

    exit_code = 73


class StorageError(HclarityError):
    """Reading or writing broke off half-way."""

    exit_code = 74


class ConfigurationError(HclarityError):
    """A card, a recipe or an environment setting is wrong."""

    exit_code = 78
