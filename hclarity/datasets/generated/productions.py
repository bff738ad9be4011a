"""Produce a song of the rich tier: who plays each part, recorded and mixed how."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from hclarity.audio.values import Samples
from hclarity.datasets.generated import instruments, resung, sampled
from hclarity.datasets.generated.arrangements import POWER, Arrangement, arrange
from hclarity.datasets.generated.casting import Casting, cast_from
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
    Note,
    Part,
)
from hclarity.datasets.generated.effects import compress, drive, equalise, set_width
from hclarity.datasets.generated.levelling import Fader, active_level
from hclarity.datasets.generated.mixing import amplified, glued, mixed_stem, with_room
from hclarity.datasets.generated.one_shots import play_one_shots, require_one_shots
from hclarity.datasets.generated.sampled import (
    FLUID,
    HELD_OUT_KITS,
    KITS,
    MUSESCORE,
    Instrument,
    render,
    require_fluidsynth,
)
from hclarity.datasets.generated.speech import require_speech
from hclarity.datasets.generated.waveforms import drawn

__all__ = ["produce"]

# Pieces that have a microphone, and a fader, of their own: keys, and the level in dB (mean and
# standard deviation) at which they peak.
MICROPHONES: dict[str, tuple[tuple[int, ...], float, float]] = {
    "kick": ((KICK,), 0, 4),
    "snare": ((SNARE, RIM, CLAP), -1, 4),
    "hats": ((CLOSED_HAT, OPEN_HAT), -11, 5),
    "cymbals": ((RIDE, CRASH), -9, 4),
    "toms": (TOMS, -2, 3),
    "extras": (EXTRAS, -12, 4),
}
SOURCES = ("recorded", "one-shots", "machine")
FADERS = {
    "drums": Fader(0.0, 3.5, -9.0, 8.0),
    "bass": Fader(0.0, 3.0, -9.0, 7.0),
    "other": Fader(-2.5, 5.0, -16.0, 6.0),
    "vocals": Fader(1.5, 3.5, -8.0, 8.0),
}


def produce(
    rng: np.random.Generator, seconds: float, sample_rate: int, casting: Casting
) -> Samples:
    """Drums, bass, other and vocals of a song, ``[4, 2, frames]``.

    Raises:
        UnavailableError: when a program, soundfont or package is missing; says how to install it.
    """
    require_fluidsynth(FLUID)
    require_fluidsynth(MUSESCORE)
    require_one_shots()
    require_speech()
    frames = round(seconds * sample_rate)
    arrangement = arrange(rng, seconds)
    stems = np.stack(
        [
            FADERS[name].level(mixed_stem(played, sample_rate, name, rng), sample_rate, rng)
            for name, played in _played(arrangement, frames, sample_rate, rng, casting).items()
        ]
    )
    if rng.random() < 0.15:  # a song in mono
        stems = np.repeat(stems.mean(axis=1, keepdims=True), 2, axis=1)
    return glued(stems, sample_rate, rng) if rng.random() < 0.5 else stems


def _played(
    arrangement: Arrangement,
    frames: int,
    sample_rate: int,
    rng: np.random.Generator,
    casting: Casting,
) -> dict[str, Samples]:
    """Every stem as it comes from its microphones and lines."""

    def ensemble(parts: tuple[Part, ...], player: Callable[..., Samples]) -> Samples:
        stem = np.zeros((2, frames), np.float32)
        for number, part in enumerate(parts):
            take = player(part, frames, sample_rate, rng, casting)
            fainter = 10 ** (rng.normal(-2 * number, 3) / 20)
            stem += (fainter / active_level(take, sample_rate)) * take
        return stem

    return {
        "drums": _drums(arrangement.drums, frames, sample_rate, rng, casting),
        "bass": _bass(arrangement.bass, frames, sample_rate, rng, casting),
        "other": ensemble(arrangement.other, _accompaniment),
        "vocals": ensemble(arrangement.vocals, _vocals),
    }


def _drums(
    part: Part, frames: int, sample_rate: int, rng: np.random.Generator, casting: Casting
) -> Samples:
    """A kit through a microphone for each piece, and some in the room."""
    if rng.random() < 0.12:  # hats become a wash of open cymbals
        wash = int(rng.choice([CRASH, OPEN_HAT, RIDE]))
        notes = (replace(n, pitch=wash if n.pitch == CLOSED_HAT else n.pitch) for n in part.notes)
        part = replace(part, notes=tuple(notes))
    track = np.zeros((2, frames), np.float32)
    for name, sound in _pieces(part, frames, sample_rate, rng, casting).items():
        track += _microphone(sound, sample_rate, name, rng)
    if rng.random() < 0.7:
        track = with_room(track, sample_rate, rng)
    if rng.random() < 0.4:  # parallel compression
        track = track + float(rng.uniform(0.2, 1)) * compress(track, sample_rate, 10, -15)
    return track


def _pieces(
    part: Part, frames: int, sample_rate: int, rng: np.random.Generator, casting: Casting
) -> dict[str, Samples]:
    """Every piece that plays, alone; most come from the same kit."""
    usual = str(rng.choice(SOURCES, p=[0.6, 0.2, 0.2]))
    kit = int(rng.choice(cast_from(KITS, HELD_OUT_KITS, casting)))
    recorded = Instrument(kit, drums=True, soundfont=MUSESCORE if rng.random() < 0.3 else FLUID)
    sounds: dict[str, Samples] = {}
    takes: dict[str, tuple[tuple[Note, ...], Instrument]] = {}
    for name, (keys, _, _) in MICROPHONES.items():
        piece = replace(part, notes=tuple(note for note in part.notes if note.pitch in keys))
        source = usual if rng.random() < 0.75 else str(rng.choice(SOURCES))
        if not piece.notes:
            continue
        if source == "recorded":
            takes[name] = (piece.notes, recorded)
        elif source == "one-shots":
            sounds[name] = play_one_shots(piece, frames, sample_rate, rng, casting)
        else:
            sounds[name] = instruments.play_drums(piece, frames, sample_rate, rng)
    played = render(list(takes.values()), frames, sample_rate)
    return sounds | dict(zip(takes, played, strict=True))


def _microphone(sound: Samples, sample_rate: int, name: str, rng: np.random.Generator) -> Samples:
    """One piece: its tone, drive, side and fader."""
    _, mean, spread = MICROPHONES[name]
    bells = [(drawn(rng, 60, 9000), float(rng.uniform(-7, 7)), 0.6)]
    if name == "kick":
        bells.append((drawn(rng, 40, 90), float(rng.uniform(-3, 10)), 0.5))
    if name == "snare":
        bells.append((drawn(rng, 180, 700), float(rng.uniform(-2, 9)), 0.6))
    sound = equalise(sound, sample_rate, bells)
    if rng.random() < 0.25:
        sound = drive(sound, float(rng.uniform(0.5, 5)))
    side = 0.0 if name in ("kick", "snare") else float(rng.normal(0, 0.25))
    sound = set_width(sound, float(rng.uniform(0, 1)), float(np.clip(side, -0.8, 0.8)))
    peak = float(np.abs(sound).max()) + 1e-9
    return np.asarray(10 ** (rng.normal(mean, spread) / 20) / peak * sound, np.float32)


def _bass(
    part: Part, frames: int, sample_rate: int, rng: np.random.Generator, casting: Casting
) -> Samples:
    """A bass straight into the desk, at times with an amplifier beside it."""
    if rng.random() < 0.6:
        line = sampled.play_bass(part, frames, sample_rate, rng, casting)
    else:
        line = instruments.play_bass(part, frames, sample_rate, rng)
    if rng.random() < 0.35:
        amp = amplified(line, sample_rate, rng)
        share = 10 ** (rng.uniform(-20, -2) / 20) * float(line.std()) / (float(amp.std()) + 1e-9)
        line = line + np.float32(share) * amp
    return line


def _accompaniment(
    part: Part, frames: int, sample_rate: int, rng: np.random.Generator, casting: Casting
) -> Samples:
    """One accompanist; guitars are amplified, and at times recorded twice, left and right."""
    driven = part.style in POWER
    style = "strummed" if driven else part.style
    if not driven and rng.random() < 0.3:
        return instruments.play_accompaniment(part, frames, sample_rate, rng)
    player = (
        Instrument(int(rng.choice([26, 27, 28, 29])))
        if driven
        else sampled.accompanist(style, rng, casting)
    )
    driven = driven or player.program in (29, 30)
    doubled = rng.random() < (0.6 if driven else 0.15)
    played = render(
        [(_humanised(part, rng).notes, player) for _ in range(1 + doubled)], frames, sample_rate
    )
    if driven:
        played = np.stack([amplified(take, sample_rate, rng) for take in played])
    if not doubled:
        return set_width(played[0], float(rng.uniform(0, 1)), float(rng.uniform(-0.5, 0.5)))
    apart = float(rng.uniform(0.4, 1))
    return set_width(played[0], 0, -apart) + set_width(played[1], 0, apart)


def _humanised(part: Part, rng: np.random.Generator) -> Part:
    """No two takes are the same: some hundredths of a second, some force."""
    notes = (
        replace(
            note,
            start=max(0.0, note.start + 0.008 * rng.standard_normal()),
            velocity=float(np.clip(note.velocity + 0.06 * rng.standard_normal(), 0.1, 1)),
        )
        for note in part.notes
    )
    return replace(part, notes=tuple(notes))


def _vocals(
    part: Part, frames: int, sample_rate: int, rng: np.random.Generator, casting: Casting
) -> Samples:
    """A voice that was taken apart, or one made from formants alone."""
    if rng.random() < 0.85:
        return resung.sing(part, frames, sample_rate, rng, casting)
    return instruments.sing(part, frames, sample_rate, rng)
