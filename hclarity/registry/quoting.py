"""What strangers' files say, in our messages: short, and nothing that a terminal would obey."""

import reprlib

__all__ = ["printable", "shown"]


def printable(text: str, longest: int = 120) -> str:
    r"""Return a text on one line, with escapes for what cannot be printed.

    >>> printable("red\x1b[31m\n")
    'red\\x1b[31m\\n'
    """
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text[:longest]
    )


def shown(value: object) -> str:
    """Return a value as Python writes it, cut to fit a line.

    >>> shown("drums")
    "'drums'"
    """
    try:
        return printable(" ".join(reprlib.repr(value).split()))
    except ValueError:  # Python writes no whole number of thousands of digits
        return "a number beyond all bounds"
