"""The listening page: one file built of `web/`, with a song's data, and its sound beside it.

What it shows and plays is in the page itself; these functions only fill in the data, of which
`web/README.md` says what each field means.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hclarity import __version__
from hclarity.hearing.audiogram import Audiogram, Listener
from hclarity.hearing.insertion_gains import InsertionGains
from hclarity.remixing.ear_levels import EarLevels
from hclarity.remixing.level_map import LevelMap
from hclarity.remixing.plan import GainPlan
from hclarity.remixing.presets import PRESETS
from hclarity.remixing.remixer import MOST_LIMITING_DB, RemixLevels
from hclarity.remixing.stem_gains import LOUDEST_DB, SOFTEST_DB
from hclarity.report.browser_page import base64_of, filled_page, sound_script

__all__ = ["Listening", "SongSound", "listening_page", "segment_name", "segment_script"]


@dataclass(frozen=True)
class SongSound:
    """How the sound beside a page is cut.

    Args:
        sample_rate: in Hz.
        frames: of the song.
        segment_frames: of a segment, without what it shares with its neighbours.
        padding_frames: that it has of each neighbour.
        segments: how many there are.
        waveform: peaks of the song, a byte each.
        peaks_per_second: how many of them there are.
    """

    sample_rate: int
    frames: int
    segment_frames: int
    padding_frames: int
    segments: int
    waveform: bytes
    peaks_per_second: int


@dataclass(frozen=True)
class Listening:
    """All that a page tells of a song, but for its sound.

    Args:
        title: of the song.
        stems: that have a slider, in the order of the streams.
        has_rest: whether a last stream is what is in no stem.
        listener: whose ears; None where nobody's audiogram was given.
        prescribed: the plan with all that the ears are prescribed.
        ears: how much of that they get at first.
        stem_gains: of the stems at first, in dB.
        prescription: in words, or the name of its file.
        gains_file: what is saved on the page is called.
        command: what makes a remix of gains that are saved.
    """

    title: str
    stems: Sequence[str]
    has_rest: bool
    listener: Listener | None
    prescribed: GainPlan
    ears: EarLevels
    stem_gains: Mapping[str, float]
    prescription: str
    gains_file: str
    command: str

    @property
    def streams(self) -> int:
        """Of how many streams the song is the sum."""
        return len(self.stems) + self.has_rest

    def presets(self) -> dict[str, dict[str, float]]:
        """What each preset does to the stems that there are; only those that do something."""
        gains = {
            name: {stem: gain for stem, gain in preset.gains.items() if stem in self.stems}
            for name, preset in PRESETS.items()
        }
        return {name: there for name, there in gains.items() if there or name == "original"}

    def mixes(self) -> NDArray[np.float64]:
        """``[mixes, streams]``: linear gains of mixes that somebody may well listen to."""
        rest = [1.0] * self.has_rest
        gains = [self.stem_gains, *self.presets().values()]
        mixes = [[*(10 ** (of.get(stem, 0.0) / 20) for stem in self.stems), *rest] for of in gains]
        for changed in range(len(self.stems)):
            for here, others in ((1.0, 0.0), (0.0, 1.0), (10 ** (LOUDEST_DB / 20), 1.0)):
                stems = [here if stem == changed else others for stem in range(len(self.stems))]
                mixes.append([*stems, *rest])
        return np.array(mixes)


def listening_page(
    listening: Listening, sound: SongSound, levels: RemixLevels, map: LevelMap
) -> bytes:
    """The page as HTML.

    Args:
        listening: what it is about.
        sound: what lies beside it.
        levels: of the remix that it begins with.
        map: of all other mixes' levels.
    """
    data = {
        "format": 1,
        "hclarity": __version__,
        "title": listening.title,
        **_sound(sound),
        "streams": [
            *({"name": stem, "has_slider": True} for stem in listening.stems),
            *([{"name": "", "has_slider": False}] if listening.has_rest else []),
        ],
        "presets": [
            {
                "name": PRESETS[name].title,
                "words": PRESETS[name].words,
                "evidence": PRESETS[name].evidence,
                "gains_db": gains,
            }
            for name, gains in listening.presets().items()
        ],
        "start": {
            "stem_gains_db": dict(listening.stem_gains),
            "prescription_percent": listening.ears.prescription_percent,
            "left_db": listening.ears.left_db,
            "right_db": listening.ears.right_db,
            "mixed_lufs": levels.mixed_lufs,
            "peak_dbtp": levels.mixed_peak_dbtp,
        },
        "softest_db": SOFTEST_DB,
        "loudest_db": LOUDEST_DB,
        "song_lufs": levels.loudness_before,
        "target_lufs": levels.loudness_target,
        "target_is_song": listening.prescribed.loudness == "match",
        "most_limiting_db": MOST_LIMITING_DB,
        "ceiling_dbtp": listening.prescribed.ceiling_db,
        "listener": _listener(listening.listener),
        "gains": {
            "left": _points(listening.prescribed.left),
            "right": _points(listening.prescribed.right),
        },
        "prescription": listening.prescription,
        "levels": _levels(map),
        "gains_file": listening.gains_file,
        "command": listening.command,
    }
    return filled_page("listening", data)


def segment_name(number: int) -> str:
    """The file of a segment, beside the page."""
    return f"sound/{number:05d}.js"


def segment_script(number: int, streams: Iterable[bytes]) -> bytes:
    """A segment as a script: a page that is opened from a disk may load nothing else.

    Args:
        number: of the segment, from 0.
        streams: the sound of each; empty for silence.
    """
    return sound_script("hclaritySegment", number, streams)


def _sound(sound: SongSound) -> dict[str, object]:
    return {
        "sample_rate": sound.sample_rate,
        "frames": sound.frames,
        "segment_frames": sound.segment_frames,
        "padding_frames": sound.padding_frames,
        "segments": sound.segments,
        "waveform": {"per_second": sound.peaks_per_second, "peaks": base64_of(sound.waveform)},
    }


def _listener(listener: Listener | None) -> dict[str, object]:
    """Of both ears, but not whose they are: a page may be shown to others."""
    if listener is None:
        return {"left": None, "right": None}
    return {"left": _ear(listener.left), "right": _ear(listener.right)}


def _ear(audiogram: Audiogram) -> dict[str, object]:
    return {
        "hz": audiogram.frequencies,
        "thresholds_db_hl": audiogram.thresholds,
        "no_response_hz": [hz for hz in audiogram.no_response if hz in audiogram.frequencies],
    }


def _points(gains: InsertionGains) -> dict[str, object]:
    return {"hz": gains.frequencies, "db": gains.gains_db}


def _levels(map: LevelMap) -> dict[str, object]:
    return {
        "strengths": map.shares,
        "blocks": map.covariances.shape[2],
        "covariances": base64_of(map.covariances.astype("<f4").tobytes()),
        "moments": map.peaks.shape[2],
        "peaks": base64_of(map.peaks.astype("<f4").tobytes()),
    }
