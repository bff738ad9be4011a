"""Songs and random weights for the benches of separation, made by a process that ends then."""

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from programs import hclarity, measured

if TYPE_CHECKING:
    from hclarity.audio.values import Samples

__all__ = ["RATE", "STEMS", "add_model", "music", "write_song"]

RATE = 44100
STEMS = ("drums", "bass", "other", "vocals")


def write_song(file: Path, seconds: float) -> Path:
    """Write music of any length, as WAV of 16 bits."""
    _made({"song": str(file), "seconds": seconds})
    return file


def add_model(place: Path, name: str, width: int) -> None:
    """Make random weights of a Hybrid Demucs, for demucs in ``place/repo`` and for us."""
    file = place / "repo" / f"{name}.th"
    file.parent.mkdir(exist_ok=True)
    _made({"weights": str(file), "width": width})
    measured(hclarity("models", "import", str(file), "--as", name, "--quiet"), place)


def music(seconds: float) -> "Samples":
    """Real music, ``[2, frames]``: the excerpt that comes with stempeg, again and again."""
    import numpy as np
    from excerpt import excerpt

    from hclarity.audio.reading import read_audio

    heard = read_audio(excerpt()).samples
    frames = round(seconds * RATE)
    return np.tile(heard, -(-frames // heard.shape[-1]))[:, :frames]


def _made(told: dict[str, object]) -> None:
    subprocess.run([sys.executable, "-W", "ignore", __file__, json.dumps(told)], check=True)


def _make(told: dict[str, object]) -> None:
    if "song" in told:
        import soundfile

        samples = music(float(str(told["seconds"])))
        soundfile.write(str(told["song"]), samples.T, RATE, subtype="PCM_16")
        return
    import torch
    from demucs.hdemucs import HDemucs

    torch.manual_seed(0)
    arguments = {"channels": told["width"], "depth": 6, "nfft": 4096}
    net = HDemucs(list(STEMS), **arguments)
    package = {"klass": HDemucs, "args": (list(STEMS),), "kwargs": arguments}
    torch.save({**package, "state": net.state_dict()}, str(told["weights"]))


if __name__ == "__main__":
    _make(json.loads(sys.argv[1]))
