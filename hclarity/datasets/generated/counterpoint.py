"""Compose a short piece for a few melodic instruments from a random generator.

Chords follow one another as in common practice, in phrases of four bars that end with a cadence. In
every phrase one player has the melody; the others accompany from chord tone to the nearest chord
tone, each in a texture of its own, or rest. Who plays is told by `Part.style`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hclarity.datasets.generated.composition import MAJOR, MINOR, Note, Part

__all__ = ["RANGES", "compose_ensemble"]

# MIDI numbers of the notes that are comfortable to play.
RANGES = {
    "violin": (55, 93), "viola": (48, 79), "cello": (36, 69),
    "flute": (60, 91), "clarinet": (52, 84), "oboe": (58, 86), "sax": (49, 80), "bassoon": (34, 67),
}  # fmt: skip
PHRASE = 4  # bars
# Which scale degrees (0 = tonic) may follow one; then a cadence.
FOLLOWING = {0: (3, 4, 5, 1), 1: (4, 6), 2: (5, 3), 3: (4, 0, 1), 4: (0, 5), 5: (3, 1, 2), 6: (0,)}
CADENCES = ((4, 0), (4, 0), (1, 4), (3, 0), (4, 5))
# Lengths of notes, in eighths, that fill a bar of eight or six.
RHYTHMS = {
    8: ((4, 2, 2), (2, 2, 2, 2), (3, 1, 2, 2), (2, 1, 1, 4), (4, 4), (1,) * 8, (6, 2)),
    6: ((2, 2, 2), (4, 2), (3, 1, 2), (1,) * 6, (6,), (2, 1, 1, 2), (3, 3)),
}  # fmt: skip
TEXTURES = ("held", "held", "pulse", "arpeggio", "chorale", "rest")  # the last is for later


@dataclass(frozen=True)
class _Piece:
    """What all players share."""

    rng: np.random.Generator
    eighth: float  # s
    bar: int  # eighths
    key: int  # MIDI number of the tonic
    scale: tuple[int, ...]
    chords: tuple[int, ...]  # degree, one a bar

    def chord_tones(self, bar: int, low: int, high: int) -> list[int]:
        """All notes of a bar's chord between two MIDI numbers."""
        degrees = {(self.chords[bar] + step) % 7 for step in (0, 2, 4)}
        return self._tones(degrees, low, high)

    def scale_tones(self, low: int, high: int) -> list[int]:
        """All notes of the key between two MIDI numbers."""
        return self._tones(range(7), low, high)

    def _tones(self, degrees: Sequence[int] | set[int], low: int, high: int) -> list[int]:
        classes = {(self.key + self.scale[degree]) % 12 for degree in degrees}
        return [pitch for pitch in range(low, high + 1) if pitch % 12 in classes]


def compose_ensemble(
    rng: np.random.Generator, seconds: float, instruments: Sequence[str]
) -> tuple[Part, ...]:
    """Compose a piece of at least ``seconds``.

    Args:
        rng: decides all.
        seconds: the least length; the renderer cuts.
        instruments: of `RANGES`, one a player, from the highest to the lowest.

    Returns:
        A part for each player, in their order.
    """
    bar = int(rng.choice([8, 8, 6]))
    eighth = 60 / float(rng.uniform(60, 130)) / 2
    phrases = int(np.ceil(seconds / (eighth * bar * PHRASE)))
    scale = MAJOR if rng.random() < 0.6 else MINOR
    chords = tuple(degree for _ in range(phrases) for degree in _phrase(rng))
    piece = _Piece(rng, eighth, bar, int(rng.integers(48, 60)), scale, chords)
    players = [_Player(piece, name, _place(name, seat)) for seat, name in enumerate(instruments)]
    for phrase in range(phrases):
        # Mostly the highest; the others now and then.
        leader = 0 if rng.random() < 0.6 else int(rng.integers(len(players)))
        for seat, player in enumerate(players):
            textures = TEXTURES if phrase else TEXTURES[:-1]  # all begin, so that none is silent
            player.play(phrase, "melody" if seat == leader else str(rng.choice(textures)))
    return tuple(Part(player.name, tuple(player.notes)) for player in players)


def _phrase(rng: np.random.Generator) -> Iterator[int]:
    """The degrees of four bars."""
    degree = int(rng.choice([0, 0, 0, 5, 3]))
    for _ in range(PHRASE - 2):
        yield degree
        degree = int(rng.choice(FOLLOWING[degree]))
    yield from CADENCES[rng.integers(len(CADENCES))]


def _place(name: str, seat: int) -> tuple[int, int]:
    """Where in its range a player stays: a second violin below the first."""
    low, high = RANGES[name]
    return low, max(low + 19, high - 4 * seat)


class _Player:
    """One player, who remembers the last note."""

    def __init__(self, piece: _Piece, name: str, place: tuple[int, int]) -> None:
        self.name = name
        self.notes: list[Note] = []
        self._piece = piece
        self._low, self._high = place
        self._pitch = (self._low + 2 * self._high) // 3

    def play(self, phrase: int, texture: str) -> None:
        """Play four bars, or rest."""
        loudness = float(self._piece.rng.uniform(0.45, 0.9))
        if texture == "melody":
            loudness = min(1.0, loudness + 0.15)
        for bar in range(phrase * PHRASE, (phrase + 1) * PHRASE):
            at = bar * self._piece.bar
            for length, pitch in self._bar(bar, texture):
                self._note(at, length, pitch, loudness)
                at += length

    def _note(self, at: int, length: int, pitch: int, loudness: float) -> None:
        """Add a note, a little early or late, slightly detached."""
        rng, eighth = self._piece.rng, self._piece.eighth
        start = max(0.0, at * eighth + float(rng.normal(0, 0.008)))
        velocity = float(np.clip(loudness + rng.normal(0, 0.06), 0.2, 1))
        self.notes.append(
            Note(start, length * eighth * float(rng.uniform(0.85, 1)), pitch, velocity)
        )

    def _bar(self, bar: int, texture: str) -> Iterator[tuple[int, int]]:
        """Lengths in eighths and pitches of a bar."""
        eighths, rng = self._piece.bar, self._piece.rng
        if texture == "rest":
            return
        chord = self._piece.chord_tones(bar, self._low, self._high)
        self._pitch = min(chord, key=lambda pitch: abs(pitch - self._pitch))
        if texture == "held":
            yield eighths, self._pitch
        elif texture == "pulse":
            yield from ((1, self._pitch) for _ in range(eighths))
        elif texture == "arpeggio":
            near = sorted(chord, key=lambda pitch: abs(pitch - self._pitch))[:4]
            figure = rng.permutation(sorted(near))
            yield from ((1, int(figure[i % len(figure)])) for i in range(eighths))
        elif texture == "chorale":
            for length in (eighths // 2,) * 2:
                yield length, self._pitch
                self._pitch = int(rng.choice([p for p in chord if abs(p - self._pitch) <= 7]))
        else:
            yield from self._melody(bar)

    def _melody(self, bar: int) -> Iterator[tuple[int, int]]:
        """From a chord tone on through the scale, mostly by steps."""
        rng, rhythms = self._piece.rng, RHYTHMS[self._piece.bar]
        scale = self._piece.scale_tones(self._low, self._high)
        last = bar % PHRASE == PHRASE - 1
        for length in (self._piece.bar,) if last else rhythms[rng.integers(len(rhythms))]:
            yield length, self._pitch
            step = int(rng.choice([-3, -2, -1, -1, -1, 0, 1, 1, 1, 2, 3]))
            here = scale.index(self._pitch) if self._pitch in scale else len(scale) // 2
            self._pitch = scale[int(np.clip(here + step, 0, len(scale) - 1))]
