"""Writing TOML, so that reading it gives the same values back."""

import json
import re
from collections.abc import Mapping

__all__ = ["toml_lines"]


def toml_lines(table: Mapping[str, object]) -> str:
    """Return a line for each key of a table; tables in it stand on theirs.

    >>> print(toml_lines({"net": "bsrnn", "arguments": {"blocks": 12, "tac": True}}), end="")
    net = "bsrnn"
    arguments = { blocks = 12, tac = true }
    """
    return "".join(f"{_key(key)} = {_toml(value)}\n" for key, value in table.items())


def _toml(value: object) -> str:
    match value:
        case str():
            return _quoted(value)
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case Mapping():
            pairs = (f"{_key(key)} = {_toml(item)}" for key, item in value.items())
            return f"{{ {', '.join(pairs)} }}"
    raise TypeError(f"TOML holds no {type(value).__name__}")


def _key(key: str) -> str:
    return key if re.fullmatch("[A-Za-z0-9_-]+", key) else _quoted(key)


def _quoted(text: str) -> str:
    """Return a text as TOML writes it: as JSON does, with nothing that a terminal would obey."""
    return "".join(
        letter if letter.isprintable() else f"\\U{ord(letter):08x}"
        for letter in json.dumps(text, ensure_ascii=False)
    )
