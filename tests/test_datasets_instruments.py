"""Laws of the numpy instruments: every draw of a timbre must keep them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.datasets.generated.composition import (
    CLOSED_HAT,
    CRASH,
    EXTRAS,
    KICK,
    OPEN_HAT,
    RIDE,
    SNARE,
    STYLES,
    TOMS,
    Note,
    Part,
    compose,
)
from hclarity.datasets.generated.instruments import play_accompaniment, play_bass, play_drums, sing

RATE = 22050
PLAYERS = {
    "drums": play_drums,
    "bass": play_bass,
    "vocals": sing,
    **dict.fromkeys(STYLES, play_accompaniment),
}


def play(style: str, notes: list[Note], seconds: float, seed: int, rate: int = RATE) -> np.ndarray:
    part = Part(style, tuple(notes))
    return PLAYERS[style](part, round(seconds * rate), rate, np.random.default_rng(seed))


def phrase(style: str) -> list[Note]:
    """Two seconds of notes that suit the player."""
    if style == "drums":
        keys = (KICK, CLOSED_HAT, SNARE, OPEN_HAT, CRASH, *TOMS)
        return [Note(0.1 + 0.25 * i, 0.2, key, 0.4 + 0.07 * i) for i, key in enumerate(keys)]
    low = 40 if style == "bass" else 60
    return [Note(0.1 + 0.4 * i, 0.38, low + 2 * i, 0.6 + 0.1 * i) for i in range(5)]


def energy(sound: np.ndarray, begin: float, end: float) -> float:
    """Mean square between two times in s."""
    return float((sound[:, int(begin * RATE) : int(end * RATE)].astype(float) ** 2).mean())


def pitch_of(sound: np.ndarray, low: float, high: float) -> float:
    """The frequency in Hz at which a sound repeats: the highest peak of its autocorrelation."""
    mono = sound.sum(axis=0)
    power = np.abs(np.fft.rfft(mono, 2 * len(mono))) ** 2
    correlation = np.fft.irfft(power)
    lags = np.arange(int(RATE / high), int(RATE / low))
    inner = correlation[lags]
    peaks = (inner >= correlation[lags - 1]) & (inner >= correlation[lags + 1])
    return RATE / float(lags[np.argmax(np.where(peaks, inner, -np.inf))])


@pytest.mark.parametrize("style", PLAYERS)
@given(seed=st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=12)
def test_every_timbre_is_finite_stereo_at_its_level(style: str, seed: int) -> None:
    sound = play(style, phrase(style), 2.5, seed)
    assert sound.shape == (2, round(2.5 * RATE))
    assert sound.dtype == np.float32
    assert np.isfinite(sound).all()
    # -20 dBFS over what sounds, hence at most that over everything, and not far below.
    assert 0.02 < np.sqrt(energy(sound, 0, 2.5)) < 0.101


@pytest.mark.parametrize("style", PLAYERS)
def test_the_seed_decides_everything(style: str) -> None:
    first, again, other = (play(style, phrase(style), 2.0, seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    likeness = np.vdot(first, other) / np.sqrt(np.vdot(first, first) * np.vdot(other, other))
    assert likeness < 0.95


@pytest.mark.parametrize("style", PLAYERS)
@pytest.mark.parametrize("seconds", [1 / RATE, 1.0])
def test_without_notes_there_is_silence(style: str, seconds: float) -> None:
    sound = play(style, [], seconds, 0)
    assert sound.shape == (2, round(seconds * RATE))
    assert not sound.any()


@pytest.mark.parametrize("style", PLAYERS)
def test_notes_after_the_end_are_not_heard(style: str) -> None:
    late = [Note(note.start + 2, *list(vars(note).values())[1:]) for note in phrase(style)]
    assert not play(style, late, 1.0, 0).any()


@pytest.mark.parametrize("style", PLAYERS)
@given(seed=st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=8)
def test_a_rest_is_quiet(style: str, seed: int) -> None:
    pitch = KICK if style == "drums" else 57
    sound = play(style, [Note(0.2, 0.8, pitch, 0.9), Note(5, 0.8, pitch, 0.9)], 6.0, seed)
    played, rest = energy(sound, 0.2, 0.7), energy(sound, 3.0, 4.8)
    assert rest < 1e-5 * played
    assert energy(sound, 0, 0.05) < 1e-5 * played


@pytest.mark.parametrize("style", PLAYERS)
@pytest.mark.parametrize("seed", range(3))
def test_the_cut_at_the_end_does_not_click(style: str, seed: int) -> None:
    pitch = CRASH if style == "drums" else 57
    sound = play(style, [Note(0.2, 4, pitch, 0.9)], 1.0, seed)
    assert np.abs(sound[:, -2:]).max() < 0.01 * np.abs(sound).max()
    assert energy(sound, 0.9, 0.99) > 0


@pytest.mark.parametrize(
    ("style", "pitch"),
    [
        ("bass", 45),
        ("lead", 69),
        ("riff", 57),
        ("sustained", 57),
        ("arpeggio", 69),
        ("vocals", 57),
        ("vocals", 69),
    ],
)
@pytest.mark.parametrize("seed", range(12))
def test_a_long_note_has_its_pitch(style: str, pitch: int, seed: int) -> None:
    sound = play(style, [Note(0.2, 2, pitch, 0.9)], 2.5, seed)
    hz = 440 * 2 ** ((pitch - 69) / 12)
    steady = sound[:, int(0.5 * RATE) : int(1.5 * RATE)]
    assert pitch_of(steady, 0.6 * hz, 2.6 * hz) == pytest.approx(hz, rel=0.03)


def test_every_piece_of_the_kit_sounds() -> None:
    keys = (KICK, SNARE, CLOSED_HAT, OPEN_HAT, CRASH, RIDE, *TOMS, *EXTRAS, 37, 39)
    for seed in range(4):
        centroids = {}
        for key in keys:
            sound = play("drums", [Note(0.1, 0.2, key, 0.8)], 1.0, seed)
            power = np.abs(np.fft.rfft(sound.sum(axis=0))) ** 2
            centroids[key] = np.average(np.fft.rfftfreq(sound.shape[1], 1 / RATE), weights=power)
        assert centroids[KICK] < 250 < 3000 < min(centroids[CLOSED_HAT], centroids[CRASH])
        assert centroids[KICK] < centroids[SNARE] < centroids[CLOSED_HAT]


def test_a_hat_chokes_the_open_one() -> None:
    opened = Note(0.1, 0.2, OPEN_HAT, 0.8)
    free = play("drums", [opened], 1.0, 2)
    choked = play("drums", [opened, Note(0.15, 0.2, CLOSED_HAT, 0.1)], 1.0, 2)
    share = [energy(sound, 0.16, 0.5) / energy(sound, 0.1, 0.15) for sound in (free, choked)]
    assert share[1] < 0.7 * share[0]


def test_a_voice_has_the_balance_of_real_singing() -> None:
    """Real vocals have about half of their energy between 600 and 2500 Hz."""
    shares = []
    for seed in range(16):
        part = compose(np.random.default_rng(seed), 6).vocals
        sound = sing(part, 6 * RATE, RATE, np.random.default_rng(seed)).sum(axis=0)
        power = np.abs(np.fft.rfft(sound)) ** 2
        hz = np.fft.rfftfreq(len(sound), 1 / RATE)
        shares.append(power[(hz > 600) & (hz < 2500)].sum() / power.sum())
    assert 0.4 < np.mean(shares) < 0.65
    assert np.std(shares) > 0.04


@pytest.mark.parametrize("rate", [16000, 44100, 48000])
def test_whole_songs_at_any_rate(rate: int) -> None:
    score = compose(np.random.default_rng(7), 3)
    for part in (score.drums, score.bass, score.vocals, *score.other):
        sound = PLAYERS[part.style](part, 3 * rate, rate, np.random.default_rng(8))
        assert sound.shape == (2, 3 * rate)
        assert np.isfinite(sound).all()
