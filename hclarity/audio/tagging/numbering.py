"""Numbers such as ``3/12``: one text in some formats, two in others."""

from collections.abc import Iterator, Mapping

__all__ = ["NUMBERINGS", "joined_numbers", "split_numbers"]

NUMBERINGS = {"tracknumber": "tracktotal", "discnumber": "disctotal"}


def split_numbers(name: str, text: str) -> Iterator[tuple[str, str]]:
    """A number and its total, as far as they are there.

    >>> list(split_numbers("tracknumber", "3/12"))
    [('tracknumber', '3'), ('tracktotal', '12')]
    """
    number, _, total = text.partition("/")
    yield name, number
    yield NUMBERINGS[name], total


def joined_numbers(fields: Mapping[str, tuple[str, ...]], name: str) -> str:
    """The first number of a field, with its total if there is one; empty without a number.

    >>> joined_numbers({"tracknumber": ("3",), "tracktotal": ("12",)}, "tracknumber")
    '3/12'
    """
    numbers = [fields[part][0] for part in (name, NUMBERINGS[name]) if part in fields]
    return "/".join(numbers) if name in fields else ""
