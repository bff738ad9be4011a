"""A drum kit, drawn anew for every song: pieces synthesised once and placed at every hit.

Drums are decaying sines whose pitch falls, cymbals are clusters of inharmonic partials with
high-passed noise. Kits lean towards an acoustic set, one of the two classic analogue machines
(long sine kicks with square-wave metal; short punchy ones), or a worn sample.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hclarity.datasets.generated.composition import (
    CLAP,
    CLOSED_HAT,
    CRASH,
    EXTRAS,
    KICK,
    OPEN_HAT,
    RIDE,
    RIM,
    SNARE,
    TOMS,
    Part,
)
from hclarity.datasets.generated.waveforms import (
    Signal,
    drawn,
    edges,
    filtered,
    noise,
    panned,
    place,
)

__all__ = ["drum_track"]

TAMBOURINE, SHAKER, COWBELL, CLAVES = EXTRAS
HATS = (CLOSED_HAT, OPEN_HAT)
STYLES = ("acoustic", "boom", "punch", "worn")
TAKES = 2  # different hits of the same piece and layer
LAYERS = 3  # of velocity
METAL = np.array([1.0, 1.483, 1.8, 2.546, 2.63, 3.897])  # ratios of a classic six-square cluster

Piece = Callable[["_Stroke"], Signal]


@dataclass(frozen=True)
class _Kit:
    """What stays the same from hit to hit."""

    style: str
    kick_hz: float
    kick_seconds: float
    kick_sweep: float
    kick_sweep_seconds: float
    kick_click: float
    kick_drive: float
    snare_hz: float
    snare_seconds: float
    snare_wires: float
    snare_ring: float
    clap_hz: float
    hat_hz: float
    hat_seconds: float
    hat_squares: float
    cymbal_seconds: float
    tom_seconds: float


@dataclass(frozen=True)
class _Stroke:
    """One hit to be synthesised: softer ones are duller, each is a little off in pitch."""

    kit: _Kit
    key: int
    force: float
    rate: float
    sample_rate: int
    rng: np.random.Generator

    def time(self, seconds: float) -> Signal:
        """``[frames]`` in s."""
        frames = int(seconds * self.sample_rate)
        return np.arange(frames, dtype=np.float32) / np.float32(self.sample_rate)

    def hiss(self, time: Signal, seconds: float) -> Signal:
        """White noise that has fallen by 60 dB after ``seconds``."""
        return np.asarray(noise(self.rng, len(time)) * np.exp(-6.9 / seconds * time))

    def sine(self, time: Signal, hz: float, seconds: float, sweep: float = 0.0) -> Signal:
        """A sine with the same decay that starts ``sweep`` times ``hz`` too high."""
        fall = self.kit.kick_sweep_seconds
        cycles = hz * self.rate * (time + sweep * fall * (1 - np.exp(-time / fall)))
        return np.asarray(np.sin(2 * np.pi * cycles) * np.exp(-6.9 / seconds * time), np.float32)

    def metal(self, time: Signal, base: float, partials: int) -> Signal:
        """A cluster of squares, or of as many inharmonic sines, with an RMS near 1."""
        if self.rng.random() < self.kit.hat_squares:
            phases = np.outer(base * self.rate * METAL, time) + self.rng.random((6, 1))
            return np.asarray(np.sign(phases % 1 - 0.5).sum(axis=0) / 2.4, np.float32)
        hz = drawn(self.rng, 6, 8) * base * self.rng.random((partials, 1)) ** 0.7 + 6 * base
        phases = (hz * time + self.rng.random((partials, 1))).astype(np.float32)
        cluster = np.sin(2 * np.pi * phases).sum(axis=0) * (2 / partials) ** 0.5
        return np.asarray(cluster, np.float32)


def _draw_kit(rng: np.random.Generator) -> _Kit:
    style = str(rng.choice(STYLES))
    long = style == "boom" or rng.random() < 0.2
    return _Kit(
        style=style,
        kick_hz=drawn(rng, 40, 65),
        kick_seconds=drawn(rng, 0.6, 1.6) if long else drawn(rng, 0.2, 0.6),
        kick_sweep=drawn(rng, 1, 7),
        kick_sweep_seconds=drawn(rng, 0.008, 0.05),
        kick_click=drawn(rng, 0.02, 0.12 if style == "boom" else 0.6),
        kick_drive=drawn(rng, 0.3, 4),
        snare_hz=drawn(rng, 150, 260),
        snare_seconds=drawn(rng, 0.12, 0.5),
        snare_wires=drawn(rng, 0.2, 1.2),
        snare_ring=drawn(rng, 0.08, 0.5),
        clap_hz=drawn(rng, 900, 1900),
        hat_hz=drawn(rng, 200, 700),
        hat_seconds=drawn(rng, 0.04, 0.2),
        hat_squares={"acoustic": 0.0, "boom": 1.0, "punch": 0.6, "worn": 0.4}[style],
        cymbal_seconds=drawn(rng, 1.0, 3.0),
        tom_seconds=drawn(rng, 0.2, 0.9),
    )


def _kick(stroke: _Stroke) -> Signal:
    kit = stroke.kit
    time = stroke.time(kit.kick_seconds)
    body = stroke.sine(time, kit.kick_hz, kit.kick_seconds, kit.kick_sweep)
    body += stroke.sine(time, kit.kick_hz * 1.6, kit.kick_seconds / 3, kit.kick_sweep) * 0.3
    click = filtered(stroke.hiss(time, 0.025), "highpass", 1200, stroke.sample_rate)
    body = np.tanh(kit.kick_drive * body) / np.tanh(kit.kick_drive)
    return np.asarray(1.6 * body + kit.kick_click * stroke.force * click)


def _snare(stroke: _Stroke) -> Signal:
    kit = stroke.kit
    time = stroke.time(max(kit.snare_seconds, kit.snare_ring))
    wires = stroke.hiss(time, kit.snare_seconds)
    top = 4000 + 9000 * stroke.force
    wires = filtered(wires, "bandpass", (900, top), stroke.sample_rate, 1)
    shell = stroke.sine(time, kit.snare_hz, kit.snare_ring, 0.4)
    shell += 0.5 * stroke.sine(time, kit.snare_hz * 1.59, kit.snare_ring * 0.7, 0.2)
    shell += 0.25 * stroke.sine(time, kit.snare_hz * 2.3, kit.snare_ring * 0.5)
    return 0.8 * shell + 1.4 * kit.snare_wires * wires


def _clap(stroke: _Stroke) -> Signal:
    time = stroke.time(0.3)
    hands = stroke.hiss(time, 0.25) * np.float32(0.6)
    for late in 0.01 * np.arange(3) + 0.003 * stroke.rng.random(3):
        place(hands, 1.5 * stroke.hiss(stroke.time(0.02), 0.015), int(late * stroke.sample_rate))
    band = (stroke.kit.clap_hz * 0.7, stroke.kit.clap_hz * 2.2)
    return 1.5 * filtered(hands, "bandpass", band, stroke.sample_rate)


def _rim(stroke: _Stroke) -> Signal:
    time = stroke.time(0.08)
    tick = stroke.sine(time, stroke.kit.snare_hz * 2.6, 0.06) + stroke.sine(time, 1750, 0.04)
    return tick + 0.3 * filtered(stroke.hiss(time, 0.02), "highpass", 2000, stroke.sample_rate)


def _cymbal(stroke: _Stroke, seconds: float, base: float, metal: float, edge: float) -> Signal:
    """Metal and hiss; ``edge`` in Hz is where the cymbal begins."""
    time = stroke.time(seconds)
    ring = stroke.metal(time, base, 20) * np.exp(-6.9 / seconds * time)
    sound = metal * ring + (1 - metal) * stroke.hiss(time, seconds * 0.8)
    sound = filtered(sound, "highpass", edge, stroke.sample_rate, 3)
    return filtered(sound, "lowpass", 9000 + 9000 * stroke.force, stroke.sample_rate, 1)


def _hat(stroke: _Stroke) -> Signal:
    kit = stroke.kit
    longer = 6.0 if stroke.key == OPEN_HAT else 1.0
    return _cymbal(stroke, kit.hat_seconds * longer, kit.hat_hz, 0.5, 5000 + 6 * kit.hat_hz)


def _ride(stroke: _Stroke) -> Signal:
    kit = stroke.kit
    bow = _cymbal(stroke, kit.cymbal_seconds * 0.7, kit.hat_hz * 1.1, 0.8, 3000)
    return 0.4 * bow + _ping(stroke, len(bow))


def _ping(stroke: _Stroke, frames: int) -> Signal:
    """The stick on the bell of a cymbal."""
    time = np.arange(frames, dtype=np.float32) / np.float32(stroke.sample_rate)
    return 0.15 * stroke.sine(time, stroke.kit.hat_hz * 7.3, 0.5)


def _crash(stroke: _Stroke) -> Signal:
    kit = stroke.kit
    return 0.8 * _cymbal(stroke, kit.cymbal_seconds, kit.hat_hz * 0.7, 0.35, 1500)


def _tom(stroke: _Stroke) -> Signal:
    kit = stroke.kit
    hz = kit.kick_hz * (1.6 + 0.6 * TOMS.index(stroke.key))
    time = stroke.time(kit.tom_seconds)
    skin = filtered(stroke.hiss(time, 0.08), "lowpass", 3000, stroke.sample_rate)
    drum = stroke.sine(time, hz, kit.tom_seconds, 0.7)
    second = stroke.sine(time, 1.5 * hz, kit.tom_seconds / 2, 0.5)
    return np.asarray(1.2 * drum + 0.3 * second + 0.4 * skin)


def _shaker(stroke: _Stroke) -> Signal:
    time = stroke.time(0.12)
    beads = stroke.hiss(time, 0.12) * np.minimum(time / np.float32(0.02), 1)
    return 0.8 * filtered(beads, "bandpass", (4500, 12000), stroke.sample_rate)


def _tambourine(stroke: _Stroke) -> Signal:
    return 0.8 * _cymbal(stroke, 0.25, stroke.kit.hat_hz * 1.6, 0.7, 5500)


def _cowbell(stroke: _Stroke) -> Signal:
    time = stroke.time(0.4)
    hz = stroke.kit.snare_hz * 2.8 * stroke.rate
    bell = np.sign(hz * time % 1 - 0.5) + np.sign(1.48 * hz * time % 1 - 0.5)
    bell = (bell * np.exp(-6.9 / 0.35 * time)).astype(np.float32)
    return 0.7 * filtered(bell, "bandpass", (hz * 0.8, hz * 4), stroke.sample_rate, 1)


def _claves(stroke: _Stroke) -> Signal:
    return stroke.sine(stroke.time(0.12), stroke.kit.snare_hz * 12, 0.1)


PIECES: dict[int, Piece] = {
    KICK: _kick,
    SNARE: _snare,
    CLAP: _clap,
    RIM: _rim,
    CLOSED_HAT: _hat,
    OPEN_HAT: _hat,
    RIDE: _ride,
    CRASH: _crash,
    TAMBOURINE: _tambourine,
    SHAKER: _shaker,
    COWBELL: _cowbell,
    CLAVES: _claves,
    **dict.fromkeys(TOMS, _tom),
}


def _hit(kit: _Kit, key: int, layer: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """One piece struck once, without a click at its end."""
    force = (layer + 1) / LAYERS
    rate = 1 + 0.01 * float(rng.uniform(-1, 1))
    sound = PIECES[key](_Stroke(kit, key, force, rate, sample_rate, rng))
    return sound * edges(len(sound), 0, 0.01 * sample_rate)


def _choked(part: Part) -> list[float]:
    """For each note how long it may sound, in s: an open hat ends where the next hat is struck."""
    limits, after = [], np.inf
    for note in reversed(part.notes):
        limits.append(max(after - note.start, 0) if note.pitch == OPEN_HAT else np.inf)
        if note.pitch in HATS:
            after = note.start
    return limits[::-1]


def _worn(track: Signal, sample_rate: int, rng: np.random.Generator) -> Signal:
    """A kit as an old sampler keeps it: saturated, without its top."""
    drive = drawn(rng, 1, 4)
    return filtered(np.tanh(drive * track), "lowpass", drawn(rng, 3500, 11000), sample_rate)


def drum_track(part: Part, frames: int, sample_rate: int, rng: np.random.Generator) -> Signal:
    """``[2, frames]``: the part played on a kit of its own; keys are General MIDI percussion."""
    kit = _draw_kit(rng)
    width = float(rng.choice([0.0, 0.3, 0.7]))
    gains = {key: 10 ** (rng.uniform(-4, 4) / 20) for key in PIECES}
    pans = {key: width * rng.uniform(-1, 1) for key in PIECES}
    pans |= {KICK: 0.0, SNARE: 0.2 * pans[SNARE], OPEN_HAT: pans[CLOSED_HAT]}
    takes: dict[tuple[int, int, int], Signal] = {}
    track = np.zeros((2, frames), np.float32)
    for note, limit in zip(part.notes, _choked(part), strict=True):
        layer = min(int(note.velocity * LAYERS), LAYERS - 1)
        take = (note.pitch, layer, int(rng.integers(TAKES)))
        if take not in takes:
            takes[take] = panned(_hit(kit, *take[:2], sample_rate, rng), pans[note.pitch])
        sound = takes[take]
        if limit * sample_rate < sound.shape[1]:
            sound = sound[:, : int(limit * sample_rate)]
            sound = sound * edges(sound.shape[1], 0, 0.008 * sample_rate)
        gain = gains[note.pitch] * note.velocity**1.5 * 10 ** (rng.uniform(-1, 1) / 20)
        place(track, np.float32(gain) * sound, round(note.start * sample_rate))
    return _worn(track, sample_rate, rng) if kit.style == "worn" else track
