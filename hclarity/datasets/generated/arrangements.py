"""Arrange a song as records are: several accompanists, a low bass, a singer who phrases.

What `composition` writes is a sketch; here a song gets two to five accompanying parts, among them
power chords and walls of sound, and a melody built of phrases that come back. A few songs are
sparse: some stems play a third of the time.
"""

from dataclasses import dataclass, replace

import numpy as np

from hclarity.datasets.generated.composition import (
    BASS_PATTERNS,
    Frame,
    Note,
    Part,
    accompaniment_part,
    bars_played,
    draw_frame,
    drum_part,
)

__all__ = ["MELODIES", "Arrangement", "arrange"]

LOWEST_BASS = 28  # E1, the lowest string
POWER = ("power", "wall")  # styles of driven guitars, beside those of `composition`
MELODIES = ("sung", "sung", "sung", "spoken", "belted")
# Sixteenths of a sung note, and of a spoken one.
LENGTHS = {"sung": (1, 2, 2, 2, 3, 4, 4, 6, 8), "spoken": (1, 1, 1, 2, 2), "belted": (2, 4, 4, 8)}


@dataclass(frozen=True)
class Arrangement:
    """The parts of each stem; ``vocals`` begins with the lead, ad-libs may follow."""

    drums: Part
    bass: Part
    other: tuple[Part, ...]
    vocals: tuple[Part, ...]


def arrange(rng: np.random.Generator, seconds: float) -> Arrangement:
    """Arrange a song of at least ``seconds``."""
    frame = draw_frame(rng, seconds)
    rests = dict.fromkeys(("drums", "bass", "other", "vocals"), 0.0)
    for stem in rests:
        if rng.random() < 0.35:
            rests[stem] = float(rng.choice([0.15, 0.3, 0.3, 0.7]))
    others = tuple(_accompanist(frame, rests["other"]) for _ in range(rng.choice([1, 2, 3, 3, 4])))
    vocals = [_melody(frame, rests["vocals"], str(rng.choice(MELODIES)))]
    if rng.random() < 0.3:
        vocals.append(_melody(frame, 0.7, str(rng.choice(["sung", "spoken", "belted"]))))
    return Arrangement(
        drum_part(frame, rests["drums"]), _bass(frame, rests["bass"]), others, tuple(vocals)
    )


def _accompanist(frame: Frame, rest: float) -> Part:
    if frame.rng.random() < 0.25:
        return _power_chords(frame, rest)
    part = accompaniment_part(frame, max(rest, float(frame.rng.choice([0.0, 0.0, 0.3]))))
    return _lowered(part) if frame.rng.random() < 0.4 else part


def _lowered(part: Part) -> Part:
    """An octave down, where pianos and guitars spend much of their time."""
    return replace(part, notes=tuple(replace(note, pitch=note.pitch - 12) for note in part.notes))


def _power_chords(frame: Frame, rest: float) -> Part:
    """Roots and fifths of a driven guitar: held as a wall, or chopped into eighths."""
    rng = frame.rng
    style = str(rng.choice(POWER))
    pattern = (0,) if style == "wall" else BASS_PATTERNS[rng.integers(len(BASS_PATTERNS))]
    held = 1.0 if style == "wall" else float(rng.uniform(0.3, 1.0))
    notes = []
    for bar, plays in enumerate(bars_played(frame, rest)):
        if not plays:
            continue
        root = frame.chord(bar)[0]
        pitch = frame.pitch(root, -1)
        for here, after in zip(pattern, (*pattern[1:], 16), strict=True):
            length = (after - here) * frame.step * held
            for voice, interval in enumerate((0, 7, 12)):
                start = frame.time(bar, here) + 0.004 * voice
                notes.append(Note(start, length, pitch + interval, float(rng.uniform(0.6, 1))))
    return Part(style, tuple(notes))


def _bass(frame: Frame, rest: float) -> Part:
    """Mostly the root, in the lowest octave and a half, hardly resting between notes."""
    rng = frame.rng
    pattern = BASS_PATTERNS[rng.integers(len(BASS_PATTERNS))]
    held = float(rng.choice([0.5, 0.8, 0.95, 1.0]))
    highest = int(rng.choice([39, 41, 46, 52]))
    wandering = float(rng.choice([0, 0.1, 0.3]))
    notes = []
    for bar, plays in enumerate(bars_played(frame, rest)):
        if not plays:
            continue
        root = frame.chord(bar)[0]
        for here, after in zip(pattern, (*pattern[1:], 16), strict=True):
            moves = here and rng.random() < wandering
            degree = root + int(rng.choice([2, 4, 7, -1, 1])) if moves else root
            pitch = frame.pitch(degree, -2)
            while pitch < LOWEST_BASS:
                pitch += 12
            while pitch > highest:
                pitch -= 12
            length = (after - here) * frame.step * held
            velocity = float(rng.uniform(0.6, 1.0))
            notes.append(Note(frame.time(bar, here), length, max(pitch, LOWEST_BASS), velocity))
    return Part("bass", tuple(notes))


def _melody(frame: Frame, rest: float, manner: str) -> Part:
    """Phrases of one or two bars, some of which come back as they were."""
    rng = frame.rng
    # From a low man's voice to a high woman's; a belted line lies at the top of its voice.
    centre = float(rng.choice([48, 51, 54, 57, 60, 64, 68])) + (3 if manner == "belted" else 0)
    playing = bars_played(frame, rest)
    phrases: list[list[tuple[float, float, int, float]]] = []
    notes: list[Note] = []
    bar = 0
    while bar < frame.bars:
        bars = int(rng.choice([1, 2, 2]))
        if any(playing[bar : bar + bars]):
            fresh = not phrases or rng.random() < 0.6
            phrase = _phrase(frame, bars, centre, manner) if fresh else phrases[-1]
            phrases.append(phrase)
            for sixteenth, length, pitch, velocity in phrase:
                start = max(
                    0.0, (bar * 16 + sixteenth) * frame.step + 0.012 * rng.standard_normal()
                )
                notes.append(Note(start, length * frame.step, pitch, velocity))
        bar += bars
    return Part(manner, tuple(notes))


def _phrase(
    frame: Frame, bars: int, centre: float, manner: str
) -> list[tuple[float, float, int, float]]:
    """Sixteenth, sixteenths, MIDI number and velocity of each note, ending with a breath."""
    rng = frame.rng
    scale = sorted(
        (pitch for pitch in (frame.pitch(d, o) for d in range(7) for o in (-2, -1, 0, 1, 2))),
    )
    place = int(np.argmin(np.abs(np.array(scale) - centre))) + int(rng.integers(-2, 3))
    home = place
    sixteenth, end = float(rng.choice([0, 0, 2, 4])), bars * 16 - float(rng.choice([0, 1, 2, 4, 6]))
    phrase = []
    while sixteenth < end:
        length = min(float(rng.choice(LENGTHS[manner])), end - sixteenth)
        step = int(rng.choice([-3, -2, -1, -1, -1, 0, 0, 1, 1, 1, 2, 4])) - round(
            (place - home) / 4
        )
        place = int(np.clip(place + step, home - 6, min(home + 7, len(scale) - 1)))
        pitch = int(np.clip(scale[place], 40, 80))
        phrase.append((sixteenth, length, pitch, float(rng.uniform(0.55, 1.0))))
        sixteenth += length
    return phrase
