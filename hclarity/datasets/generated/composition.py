"""Compose a short pop song from a random generator: who plays which note when.

Nothing here makes sound. A `Score` is four parts, as in the stems of the field: drums, bass,
other (one to three accompanying parts) and vocals. Harmony follows common four-chord loops; each
part rests in some sections, as arrangements do, so that a separator also learns silence.
"""

from dataclasses import dataclass

import numpy as np

__all__ = [
    "BEATS_PER_BAR",
    "Frame",
    "Note",
    "Part",
    "Score",
    "accompaniment_part",
    "bars_played",
    "compose",
    "draw_frame",
    "drum_part",
]

BEATS_PER_BAR = 4
MAJOR = (0, 2, 4, 5, 7, 9, 11)
MINOR = (0, 2, 3, 5, 7, 8, 10)
# Scale degrees (0 = tonic) of one chord a bar.
PROGRESSIONS = (
    (0, 4, 5, 3), (0, 5, 3, 4), (5, 3, 0, 4), (0, 3, 4, 3), (0, 0, 3, 4),
    (0, 2, 3, 4), (1, 4, 0, 0), (0, 6, 5, 4), (0, 3, 0, 4), (0, 0, 0, 0),
)  # fmt: skip
# General MIDI percussion keys.
KICK, SNARE, RIM, CLAP, CLOSED_HAT, OPEN_HAT, CRASH, RIDE = 36, 38, 37, 39, 42, 46, 49, 51
TOMS = (41, 45, 48)
EXTRAS = (54, 70, 56, 75)  # tambourine, maracas, cowbell, claves
# Sixteenths of a bar on which the kick and the snare fall.
KICK_PATTERNS = (
    (0, 8), (0, 4, 8, 12), (0, 6, 8), (0, 10), (0, 3, 8, 10), (0, 7, 10), (0, 2, 8, 11), (0,),
)  # fmt: skip
SNARE_PATTERNS = ((4, 12), (4, 12), (4, 12, 15), (8,), (4, 10, 12), ())
BASS_PATTERNS = (
    (0, 2, 4, 6, 8, 10, 12, 14), (0, 4, 8, 12), (0, 8), (0, 3, 6, 8, 11, 14), (0, 6, 8, 14), (0,),
    (0, 3, 8, 11), (2, 6, 10, 14),
)  # fmt: skip
STYLES = ("strummed", "sustained", "arpeggio", "riff", "lead")


@dataclass(frozen=True)
class Note:
    """One note: ``start`` and ``seconds`` in s, ``pitch`` in MIDI numbers, ``velocity`` in 0..1."""

    start: float
    seconds: float
    pitch: int
    velocity: float


@dataclass(frozen=True)
class Part:
    """The notes of one player, and how the part is played (one of `STYLES`, or the stem's name)."""

    style: str
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Score:
    """Who plays what: the parts of each stem, in beats of ``60 / tempo`` seconds."""

    tempo: float
    seconds: float
    drums: Part
    bass: Part
    other: tuple[Part, ...]
    vocals: Part


@dataclass(frozen=True)
class Frame:
    """What all players of a song share."""

    rng: np.random.Generator
    step: float  # seconds of a sixteenth
    swing: float  # share of a sixteenth by which every second one is late
    bars: int
    key: int  # MIDI number of the tonic, 48..59
    scale: tuple[int, ...]
    chords: tuple[int, ...]  # degree, one a bar

    def time(self, bar: int, sixteenth: float) -> float:
        """When a sixteenth is played, in s, with the player's own imprecision."""
        late = self.swing * (int(sixteenth) % 2)
        human = 0.004 * self.rng.standard_normal()
        return max(0.0, (bar * 16 + sixteenth + late) * self.step + human)

    def pitch(self, degree: int, octave: int = 0) -> int:
        """The MIDI number of a scale degree; degrees past the seventh run on upwards."""
        turn, step = divmod(degree, 7)
        return self.key + self.scale[step] + 12 * (turn + octave)

    def chord(self, bar: int) -> list[int]:
        """Degrees of the triad (now and then a seventh chord) of a bar."""
        root = self.chords[bar % len(self.chords)]
        size = 4 if self.rng.random() < 0.15 else 3
        return [root + 2 * i for i in range(size)]


def compose(rng: np.random.Generator, seconds: float) -> Score:
    """Compose a song of at least ``seconds`` (notes run to the end; the renderer cuts)."""
    frame = draw_frame(rng, seconds)
    others = tuple(accompaniment_part(frame) for _ in range(rng.choice([1, 2, 2, 3])))
    tempo = 60 / frame.step / 4
    return Score(tempo, seconds, drum_part(frame), _bass(frame), others, _vocals(frame))


def draw_frame(rng: np.random.Generator, seconds: float) -> Frame:
    """Draw tempo, key and chords of a song of at least ``seconds``."""
    step = 60 / float(rng.uniform(68, 168)) / 4
    return Frame(
        rng=rng,
        step=step,
        swing=float(rng.choice([0, 0, 0, 0.25, 0.5])),
        bars=int(np.ceil(seconds / (16 * step))),
        key=int(rng.integers(48, 60)),
        scale=MAJOR if rng.random() < 0.5 else MINOR,
        chords=PROGRESSIONS[rng.integers(len(PROGRESSIONS))],
    )


def bars_played(frame: Frame, rest: float) -> list[bool]:
    """For each bar whether a part plays; it rests in whole groups of two or four bars."""
    group = int(frame.rng.choice([2, 4]))
    groups = frame.rng.random(-(-frame.bars // group)) >= rest
    if not groups.any():
        groups[frame.rng.integers(len(groups))] = True
    return [bool(groups[bar // group]) for bar in range(frame.bars)]


def drum_part(frame: Frame, rest: float = 0.12) -> Part:
    """A beat with fills, crashes and ghost notes."""
    rng = frame.rng
    kicks = KICK_PATTERNS[rng.integers(len(KICK_PATTERNS))]
    snares = SNARE_PATTERNS[rng.integers(len(SNARE_PATTERNS))]
    backbeat = int(rng.choice([SNARE, SNARE, SNARE, CLAP, RIM]))
    ticks = int(rng.choice([CLOSED_HAT, CLOSED_HAT, RIDE, *EXTRAS]))
    every = int(rng.choice([1, 2, 2, 4]))
    notes: list[Note] = []

    def hit(bar: int, sixteenth: int, key: int, velocity: float) -> None:
        loudness = float(np.clip(velocity + 0.08 * rng.standard_normal(), 0.15, 1))
        notes.append(Note(frame.time(bar, sixteenth), 2 * frame.step, key, loudness))

    for bar, plays in enumerate(bars_played(frame, rest)):
        if not plays:
            continue
        fill = bar % 4 == 3 and rng.random() < 0.5
        for sixteenth in kicks:
            hit(bar, sixteenth, KICK, 0.85)
        for sixteenth in snares if not fill else snares[:1]:
            hit(bar, sixteenth, backbeat, 0.8)
        for sixteenth in range(0, 12 if fill else 16, every):
            opened = rng.random() < 0.06
            hit(bar, sixteenth, OPEN_HAT if opened else ticks, 0.7 if sixteenth % 4 == 0 else 0.5)
        if fill:
            for sixteenth in range(8, 16, int(rng.choice([1, 2]))):
                hit(bar, sixteenth, int(rng.choice([SNARE, *TOMS])), 0.7)
        if bar % 8 == 0 and rng.random() < 0.6:
            hit(bar, 0, CRASH, 0.8)
        for sixteenth in range(16):  # ghost notes
            if backbeat == SNARE and rng.random() < 0.03:
                hit(bar, sixteenth, SNARE, 0.3)
    return Part("drums", tuple(sorted(notes, key=lambda note: note.start)))


def _bass(frame: Frame) -> Part:
    rng = frame.rng
    pattern = BASS_PATTERNS[rng.integers(len(BASS_PATTERNS))]
    octave = int(rng.choice([-2, -1, -1]))
    held = float(rng.uniform(0.4, 1.0))
    notes = []
    for bar, plays in enumerate(bars_played(frame, 0.12)):
        if not plays:
            continue
        root = frame.chord(bar)[0]
        for here, after in zip(pattern, (*pattern[1:], 16), strict=True):
            degree = root
            if here and rng.random() < 0.25:
                degree += int(rng.choice([2, 4, 7, -1, 1]))
            length = (after - here) * frame.step * held
            velocity = float(rng.uniform(0.6, 1.0))
            pitch = frame.pitch(degree, octave)
            notes.append(Note(frame.time(bar, here), length, max(pitch, 26), velocity))
    return Part("bass", tuple(notes))


def accompaniment_part(frame: Frame, rest: float = 0.2, styles: tuple[str, ...] = STYLES) -> Part:
    """One accompanying player in one of the ``styles``."""
    rng = frame.rng
    style = str(rng.choice(styles))
    octave = int(rng.choice([0, 0, 1]))
    rhythm = BASS_PATTERNS[rng.integers(len(BASS_PATTERNS))]
    figure = [int(rng.integers(0, 8)) for _ in rhythm]
    notes: list[Note] = []

    def play(bar: int, sixteenth: float, length: float, degree: int, velocity: float) -> None:
        start = frame.time(bar, sixteenth)
        notes.append(Note(start, length * frame.step, frame.pitch(degree, octave), velocity))

    for bar, plays in enumerate(bars_played(frame, rest)):
        if not plays:
            continue
        chord = frame.chord(bar)
        loudness = float(rng.uniform(0.55, 0.9))
        if style == "sustained":
            for degree in chord:
                play(bar, 0, 16, degree, loudness)
        elif style == "strummed":
            for here, after in zip(rhythm, (*rhythm[1:], 16), strict=True):
                for voice, degree in enumerate(chord):
                    play(bar, here + 0.1 * voice, (after - here) * 0.9, degree, loudness)
        elif style == "arpeggio":
            for sixteenth in range(0, 16, 2):
                play(bar, sixteenth, 3, chord[sixteenth // 2 % len(chord)], loudness)
        else:  # riff, lead: a single line over the chord's root
            for here, after, degree in zip(rhythm, (*rhythm[1:], 16), figure, strict=True):
                rise = 7 if style == "lead" else 0
                play(bar, here, (after - here) * 0.9, chord[0] + degree + rise, loudness)
    return Part(style, tuple(notes))


def _vocals(frame: Frame) -> Part:
    """Phrases of two to four bars with a breath between them, a walk through the scale."""
    rng = frame.rng
    register = int(rng.choice([-1, 0, 0, 1]))
    degree = int(rng.integers(0, 7))
    notes: list[Note] = []
    playing = bars_played(frame, 0.2)
    sixteenth, end = float(rng.choice([0, 2, 16])), frame.bars * 16
    while sixteenth < end:
        bar = int(sixteenth // 16)
        if not playing[bar]:
            sixteenth = (bar + 1) * 16
            continue
        length = float(
            rng.choice([1, 2, 2, 2, 3, 4, 4, 6, 8, 12], p=[0.06] + [0.13] * 6 + [0.06, 0.05, 0.05])
        )
        degree = int(np.clip(degree + rng.choice([-3, -2, -1, -1, 0, 0, 1, 1, 2, 4]), -3, 10))
        if length >= 4 and rng.random() < 0.6:  # long notes rest on the chord
            degree = min(frame.chord(bar), key=lambda tone: abs((tone - degree + 3) % 7 - 3))
        pitch = int(np.clip(frame.pitch(degree, register), 43, 79))
        velocity = float(rng.uniform(0.6, 1.0))
        start = sixteenth * frame.step
        notes.append(Note(start, length * frame.step * 0.95, pitch, velocity))
        sixteenth += length
        if rng.random() < 0.13:
            sixteenth += float(rng.choice([2, 4, 8]))
    return Part("vocals", tuple(notes))
