"""Pages for browsers: built of `web/`, filled with data here, with sound in scripts beside them."""

import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path

import numpy as np

from hclarity.audio.opus import opus_bytes
from hclarity.audio.values import Samples

__all__ = ["base64_of", "clear_page", "encoded_sound", "filled_page", "sound_script"]

_EMPTY = '<script type="application/json" id="data">{}</script>'
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


def clear_page(folder: Path) -> None:
    """Remove a page that is to be replaced, and nothing that is none of it."""
    for sound in folder.glob("sound/*.js"):
        sound.unlink()
    (folder / "index.html").unlink(missing_ok=True)
    for empty in (folder / "sound", folder):
        if empty.exists():
            empty.rmdir()


def base64_of(content: bytes) -> str:
    """As text for JSON."""
    return b64encode(content).decode()


def _compact(value: object) -> str:
    return json.dumps(value, allow_nan=False, separators=(",", ":"))
