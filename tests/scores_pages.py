"""Scores pages of songs that nobody has heard, and what a page holds, as its browser reads it."""

import base64
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
from evaluation_scores import IDEAL, MIXTURE, NET, report_of, scored

from hclarity.audio.values import Samples
from hclarity.evaluation.aggregates import Report, RowInfo
from hclarity.evaluation.examples import Case, Excerpt, telling_cases
from hclarity.evaluation.published import Published
from hclarity.report.scores_page import Example, Heard, example_name, example_script, scores_page

__all__ = ["EXCERPT", "SIGNALS", "THEIRS", "example_sounds", "many_scores", "tone", "write_page"]

SIGNALS = ("mixture", "truth", "estimate", "wrong")
THEIRS = RowInfo("theirs", "estimates", True, "t")
PUBLISHED = Published("Somebody", "usdr", "MUSDB18-HQ", "test", {"drums": 7.5}, "a paper")
RATE = 44100

_SOUNDS = re.compile(r"hclarityExample\((\d+),(\[.*\])\);")


def tone(hz: float, level: float = 0.2, seconds: float = 1.0) -> Samples:
    """``[2, frames]``."""
    time = np.arange(round(seconds * RATE)) / RATE
    return np.tile(level * np.sin(2 * np.pi * hz * time), (2, 1)).astype(np.float32)


EXCERPT = Excerpt(75.5, RATE, tone(500, 0.3) + tone(700), tone(700), tone(700) + tone(900, 0.1))


def many_scores(songs: int = 12) -> Report:
    """Scores of two separators: one song is silent, one estimate perfect."""
    rng = np.random.default_rng(0)
    scores = []
    for row, better in ((MIXTURE, -5.0), (NET, 4.0), (THEIRS, 5.0), (IDEAL, 9.0)):
        for metric in ("usdr", "csdr"):
            values: dict[str, list[float | None]] = {
                stem: [float(better + rng.normal()) for _ in range(songs)]
                for stem in ("drums", "vocals")
            }
            values["vocals"][1] = None
            if row is THEIRS:
                values["drums"][2] = np.inf
            scores.append(scored(metric, row.name, values))
    return report_of(*scores, rows=(MIXTURE, NET, THEIRS, IDEAL))


def write_page(
    folder: Path, report: Report, excerpt: Excerpt = EXCERPT, broken: Sequence[Case] = ()
) -> Path:
    """Write a page of which every example sounds the same; return it."""
    (folder / "sound").mkdir(parents=True)
    examples = []
    for number, case in enumerate(telling_cases(report)):
        if case in broken:
            examples.append(Example(case, None, "its file is damaged"))
            continue
        (folder / example_name(number)).write_bytes(example_script(number, excerpt))
        seconds = excerpt.truth.shape[1] / excerpt.sample_rate
        examples.append(Example(case, Heard(number, excerpt.start_s, seconds)))
    page = folder / "index.html"
    page.write_bytes(scores_page(report, examples, [PUBLISHED]))
    return page


def example_sounds(script: Path) -> dict[str, Samples]:
    """What is in the file of an example, ``[2, frames]`` each, at 48 kHz."""
    found = _SOUNDS.fullmatch(script.read_text())
    assert found
    assert int(found[1]) == int(script.stem)
    sounds: list[Any] = json.loads(found[2])
    return {name: _decoded(sound) for name, sound in zip(SIGNALS, sounds, strict=True)}


def _decoded(sound: str) -> Samples:
    samples, rate = sf.read(io.BytesIO(base64.b64decode(sound)), dtype="float32")
    assert rate == 48000
    return np.asarray(samples.T)
