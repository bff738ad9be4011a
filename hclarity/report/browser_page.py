"""Pages for browsers: built of `web/`, filled with data here, with sound in scripts beside them."""

import json
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from importlib.resources import files
from os.path import lexists
from pathlib import Path

import numpy as np

from hclarity.audio.opus import opus_bytes
from hclarity.audio.values import Samples

__all__ = [
    "LISTENING",
    "SCORES",
    "base64_of",
    "encoded_sound",
    "filled_page",
    "is_page",
    "sound_script",
]

LISTENING, SCORES = (f'<meta name="generator" content="hclarity {by}">' for by in ("remix", "eval"))
"""What pages have near their beginning, by which they are known."""

_EMPTY = '<script type="application/json" id="data">{}</script>'
_SOUND = re.compile(r"\d{4,}\.js")
_LITTER = {".DS_Store", "Thumbs.db", "desktop.ini"}
_MARKED = 1024  # bytes, among which a page's mark is
_SILENCE = 2.0**-15  # what is below it everywhere is not worth encoding


def filled_page(name: str, data: Mapping[str, object]) -> bytes:
    """Return the built page of a name with its data, in which nothing ends the script they are in.

    Args:
        name: of a file in `pages/`, without its suffix.
        data: without NaN and infinite numbers, which JSON does not have.
    """
    text = _compact(data).replace("<", "\\u003c")
    page = files("hclarity.report").joinpath("pages", f"{name}.html").read_text("utf-8")
    return page.replace(_EMPTY, _EMPTY.replace("{}", text), 1).encode(errors="backslashreplace")


def encoded_sound(samples: Samples) -> bytes:
    """Encode ``[2, frames]`` at `OPUS_RATE` for a `sound_script`."""
    return opus_bytes(samples) if np.abs(samples).max(initial=0.0) >= _SILENCE else b""


def sound_script(function: str, number: int, sounds: Iterable[bytes]) -> bytes:
    """Sound as a script: a page that is opened from a disk may load nothing else.

    Args:
        function: of the page, which takes it.
        number: of the script, from 0.
        sounds: encoded; empty for silence.
    """
    return f"{function}({number},{_compact(list(map(base64_of, sounds)))});".encode()


def is_page(folder: Path, mark: str) -> bool:
    """Whether a folder holds a page, or nothing yet, and nothing else: so it may be replaced.

    What file managers leave in every folder they show does not count.

    Args:
        folder: that is there; a link to one is none.
        mark: what a page of that kind has near its beginning.
    """
    index, sound = folder / "index.html", folder / "sound"
    if any(path.is_symlink() or not path.is_dir() for path in (folder, sound) if lexists(path)):
        return False
    if not _names(folder) <= {index.name, sound.name}:
        return False
    if index.exists() and not _begins_with(index, mark):
        return False
    return not sound.exists() or all(map(_SOUND.fullmatch, _names(sound)))


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - _LITTER


def _begins_with(page: Path, mark: str) -> bool:
    with page.open("rb") as file:
        return mark.encode() in file.read(_MARKED)


def base64_of(content: bytes) -> str:
    """As text for JSON."""
    return b64encode(content).decode()


def _compact(value: object) -> str:
    return json.dumps(value, allow_nan=False, separators=(",", ":"))
