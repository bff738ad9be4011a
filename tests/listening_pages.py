"""What a listening page holds, as its browser reads it."""

import base64
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf

from hclarity.audio.values import Samples

__all__ = ["page_data", "page_streams"]

_DATA = re.compile(r'<script type="application/json" id="data">(.*?)</script>', re.DOTALL)
_SEGMENT = re.compile(r"hclaritySegment\((\d+),(\[.*\])\);")


def page_data(page: Path) -> dict[str, Any]:
    """The data in a page."""
    found = _DATA.findall(page.read_text(encoding="utf-8"))
    assert len(found) == 1
    data: dict[str, Any] = json.loads(found[0])
    return data


def page_streams(page: Path) -> Samples:
    """``[streams, 2, frames]`` of all segments beside a page, joined."""
    data = page_data(page)
    joined = []
    for number in range(data["segments"]):
        script = (page.parent / "sound" / f"{number:05d}.js").read_text()
        found = _SEGMENT.fullmatch(script)
        assert found
        assert int(found[1]) == number
        start = number * data["segment_frames"]
        length = min(data["segment_frames"], data["frames"] - start)
        before = min(start, data["padding_frames"])
        joined.append(
            np.stack(
                [_decoded(sound, before + length)[:, before:] for sound in json.loads(found[2])]
            )
        )
    assert len(list((page.parent / "sound").iterdir())) == data["segments"]
    return np.concatenate(joined, axis=2)


def _decoded(sound: str, frames: int) -> Samples:
    if not sound:
        return np.zeros((2, frames), np.float32)
    samples, rate = sf.read(io.BytesIO(base64.b64decode(sound)), dtype="float32")
    assert rate == 48000
    assert len(samples) >= frames
    return np.asarray(samples[:frames].T)
