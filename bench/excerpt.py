"""The piece of real music that all benches share."""

import importlib.util
from pathlib import Path

__all__ = ["excerpt"]


def excerpt() -> Path:
    """The song that comes with stempeg, in five streams: the mixture and its four stems."""
    spec = importlib.util.find_spec("stempeg")  # not imported: that would ask for ffmpeg
    assert spec is not None
    assert spec.submodule_search_locations
    (path,) = Path(spec.submodule_search_locations[0], "data").glob("*.stem.mp4")
    return path
