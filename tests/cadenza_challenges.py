"""The Cadenza challenges as their own software has them: recipes, data on disk, scores."""

import csv
import importlib
import json
import logging
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile as sf

from hclarity.audio.values import Samples
from hclarity.datasets.generated.songs import generate_song
from hclarity.datasets.tracks import Sound, Track
from hclarity.evaluation.songs import Song

__all__ = [
    "LISTENERS",
    "PARAMETERS",
    "RATE",
    "EstimatedRow",
    "estimates",
    "recipe",
    "reseeding",
    "run_recipe",
    "song_of_16_bits",
    "their_listener",
    "unwarned",
    "write_json",
    "write_stems",
]

RATE = 44100
_HZ = [250, 500, 1000, 2000, 3000, 4000, 6000, 8000]
LISTENERS = {
    "L9001": {
        "name": "L9001",
        "audiogram_cfs": _HZ,
        "audiogram_levels_l": [15, 20, 25, 40, 45, 55, 60, 70],
        "audiogram_levels_r": [45, 45, 35, 45, 55, 60, 65, 70],
    },
    "L9002": {
        "name": "L9002",
        "audiogram_cfs": _HZ,
        "audiogram_levels_l": [0, 0, 0, 0, 0, 0, 0, 0],
        "audiogram_levels_r": [60, 65, 70, 75, 75, 80, 80, 80],
    },
}
PARAMETERS = {
    name: {
        "frequencies": [250, 500, 1000, 2000, 4000, 8000],
        "cr_l": [1.5, 1.2, 1.3, 1.5, 2.1, 3.0],
        "gain_l": [2.0, 4.5, 6.0, 11.0, 14.0, 20.0],
        "cr_r": [2.1, 1.5, 1.3, 1.5, 2.4, 3.7],
        "gain_r": [9.6, 11.9, 12.9, 16.4, 19.0, 28.0],
    }
    for name in LISTENERS
}


@contextmanager
def unwarned() -> Iterator[None]:
    """While others' software runs, what it warns of and logs is its own business."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def recipe(name: str) -> ModuleType:
    """The evaluation of a recipe; what it needs of speech recognition is left out."""
    for needed in ("whisper", "jiwer"):
        if importlib.util.find_spec(needed) is None:
            sys.modules[needed] = SimpleNamespace(compute_measures=None)  # type: ignore[assignment]
    try:
        with unwarned():
            return importlib.import_module(f"recipes.{name}.baseline.evaluate")
    finally:
        for needed in ("whisper", "jiwer"):
            if isinstance(sys.modules.get(needed), SimpleNamespace):
                del sys.modules[needed]


def run_recipe(
    module: ModuleType, paths: Mapping[str, object], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> list[dict[str, str]]:
    """Let a recipe score ``enhanced_signals`` in a folder, with its own settings."""
    from omegaconf import OmegaConf

    config = OmegaConf.load(Path(str(module.__file__)).with_name("config.yaml"))
    config = OmegaConf.merge(config, {"path": dict(paths)})
    monkeypatch.chdir(folder)
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    with unwarned():
        module.run_calculate_aq.__wrapped__(config)
    with (folder / "scores.csv").open() as scores:
        return list(csv.DictReader(scores))


def reseeding(compute_haaqi: Callable[..., float], name: str) -> Callable[..., float]:
    """HAAQI that begins with the noise of a song or scene, where theirs goes on."""
    from hclarity.evaluation.ear_quality import seed_of

    def seeded(**arguments: Any) -> float:
        np.random.seed(seed_of(name))
        return compute_haaqi(**arguments)

    return seeded


@cache
def song_of_16_bits(seed: int, seconds: float) -> Mapping[str, Samples]:
    """The stems of a generated song as files of 16 bits hold them."""
    stems = generate_song(seed, seconds)
    rounded = np.round(stems.samples * 32768 * 0.5) / 32768
    return dict(zip(stems.names, rounded.astype(np.float32), strict=True))


def estimates(stems: Mapping[str, Samples]) -> dict[str, Samples]:
    """What an imperfect separator makes of a song."""
    mixture = sum(stems.values())
    return {stem: (0.8 * true + 0.1 * mixture).astype(np.float32) for stem, true in stems.items()}


def write_stems(
    folder: Path, stems: Mapping[str, Samples], name: str, suffix: str = "wav"
) -> Track:
    """Write stems and mixture."""
    folder.mkdir(parents=True)
    sounds = {"mixture": sum(stems.values()), **stems}
    for stem, samples in sounds.items():
        sf.write(folder / f"{stem}.{suffix}", samples.T, RATE, subtype="PCM_16")
    paths = {stem: Sound(folder / f"{stem}.{suffix}") for stem in sounds}
    return Track(name, {stem: (paths[stem],) for stem in stems}, paths["mixture"])


def write_json(path: Path, content: object) -> Path:
    """Write a file of metadata."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def their_listener(name: str) -> Any:
    """A listener in pyclarity's words."""
    with unwarned():
        from clarity.utils.audiogram import Listener

    return Listener.from_dict(LISTENERS[name])


@dataclass(frozen=True)
class EstimatedRow:
    """A row whose estimates are known."""

    stems: Mapping[str, Samples]
    kind: str = "model"
    enhanced: Path | None = None
    name: str = "a model"
    digest: str = "0"
    seen: bool = False

    def digest_of(self, song: Song) -> str:
        return self.digest

    def files_of(self, song: Song) -> Mapping[Path, str]:
        return {}

    def estimate(self, song: Song) -> Mapping[str, Samples]:
        frames = song.mixture.shape[1]
        return {
            stem: samples[:, song.start : song.start + frames]
            for stem, samples in self.stems.items()
        }
