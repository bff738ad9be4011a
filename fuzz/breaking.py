"""Files that are nearly right: good ones with something broken, by chance or by their structure."""

import json
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

from hclarity.registry.toml_text import toml_lines

__all__ = ["broken", "distorted"]

_MARKS = b'0123456789,;.-"{}[]<>/&=#\0\n\xff'
_ODD: tuple[object, ...] = (
    None, True, [], {}, "", "x", "NR", "../..", "a\nb", "\x1b[2J", "\ud800", "{track.x}", "N" * 999,
    -1, 0, 7, 1e300, -1e-300, 10**400, 2**63, [[]], [{}], {"value": "x"}, [0] * 99, {"": {"": 0}},
)  # fmt: skip
_Place = tuple[str | int, ...]


def broken(content: bytes, other: bytes, chance: Random) -> bytes:
    """Return a file with bytes flipped, cut, removed, repeated, or taken from another file."""
    whole = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        at, many = chance.randrange(len(whole) + 1), chance.randint(1, 64)
        match chance.randrange(7):
            case 0:
                whole[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                whole[at : at + 1] = bytes([chance.choice(_MARKS)])
            case 2:
                del whole[at : at + many]
            case 3:
                whole[at:at] = whole[at : at + many] * chance.choice((1, 2, 50))
            case 4:
                del whole[at:]
            case 5:
                start = chance.randrange(len(other) + 1)
                whole[at : at + many] = other[start : start + many]
            case 6:  # a length, as formats write them
                whole[at : at + 4] = chance.choice((b"\xff" * 4, b"\x7f" + b"\xff" * 3, bytes(4)))
    return bytes(whole)


def distorted(content: bytes, chance: Random) -> bytes:
    """Return JSON or TOML in which some value is another; a file that is neither as it is."""
    text = content.decode("utf-8", "replace")
    try:
        document = json.loads(text)
        return _changed(text, document, chance)
    except ValueError:
        pass
    try:
        tables = tomllib.loads(text)
    except ValueError:
        return content
    _distort(tables, chance)
    try:
        return toml_lines(_written(tables)).encode(errors="surrogatepass")
    except (TypeError, ValueError):  # of a value that TOML has not
        return content


def _changed(text: str, document: object, chance: Random) -> bytes:
    if chance.random() < 0.1:  # keys twice, and what one reader takes and another refuses
        return text.replace("{", '{"left": NaN, "left": 1e999, ', 1).encode()
    _distort(document, chance)
    return json.dumps(document).encode()


def _distort(document: object, chance: Random) -> None:
    """Put an odd value, or one from elsewhere in the document, into one or two places."""
    for _ in range(chance.randint(1, 2)):
        places = list(_places(document))
        if not places:
            return
        *way, last = chance.choice(places)
        inner = document
        for key in way:
            inner = inner[key]  # type: ignore[index]
        if chance.random() < 0.2 and isinstance(inner, dict):
            inner[chance.choice(("", "left", "x" * 300, "a\nb", "__class__"))] = inner.pop(last)
        else:
            inner[last] = deepcopy(chance.choice(_ODD))  # type: ignore[index]


def _places(content: object, at: _Place = ()) -> Iterator[_Place]:
    """The way to each value within a document."""
    if not isinstance(content, dict | list) or len(at) > 8:
        return
    for key in content if isinstance(content, dict) else range(min(4, len(content))):
        yield (*at, key)
        yield from _places(content[key], (*at, key))  # type: ignore[index]


def _written(value: Any) -> Any:
    """Lists as the writer of TOML takes them."""
    if isinstance(value, dict):
        return {key: _written(item) for key, item in value.items()}
    return tuple(map(_written, value)) if isinstance(value, list) else value
