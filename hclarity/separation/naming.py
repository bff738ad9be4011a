"""What stems are called, and their files."""

import string

from hclarity.errors import BadDataError

__all__ = ["fields_of", "rest_name"]


def rest_name(stem: str) -> str:
    """Return what is called the song without a stem.

    >>> rest_name("vocals")
    'no_vocals'
    """
    return f"no_{stem}"


def fields_of(template: str) -> set[str]:
    """Return the names that stand in braces, where nothing but what they stand for is asked for.

    Python's templates can do more: look into a value, or pad it to a length of gigabytes.

    Raises:
        BadDataError: when this one does, or is none.

    >>> sorted(fields_of("{track}/{stem}.flac"))
    ['stem', 'track']
    """
    fields = set()
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        raise BadDataError(str(error)) from None
    for _, field, form, conversion in parts:
        if field is None:
            continue
        if form or conversion or not field.isidentifier():
            raise BadDataError("braces may hold a name, and nothing else")
        fields.add(field)
    return fields
