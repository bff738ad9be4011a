"""Songs made from a seed: composed, played, processed, mixed."""

import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.datasets.generated import effects, resung, sampled, speech
from hclarity.datasets.generated.composition import STYLES, Note, Part, compose
from hclarity.datasets.generated.songs import SAMPLE_RATE, STEMS, generate_song
from hclarity.errors import UnavailableError

SCALE = Part("bass", tuple(Note(0.5 * i, 0.4, 40 + i, 0.8) for i in range(6)))


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@given(st.integers(0, 10_000), st.floats(1, 60))
@settings(deadline=None, max_examples=40)
def test_every_score_can_be_played(seed, seconds):
    score = compose(rng(seed), seconds)
    parts = [score.drums, score.bass, score.vocals, *score.other]
    for part in parts:
        for note in part.notes:
            assert note.start >= 0
            assert note.seconds > 0
            assert 20 <= note.pitch <= 110
            assert 0 < note.velocity <= 1
    assert {part.style for part in score.other} <= set(STYLES)
    assert any(part.notes for part in parts)


@pytest.fixture(scope="module")
def song():
    return generate_song(7, 4.0)


def test_the_same_seed_is_the_same_song(song):
    assert np.array_equal(song.samples, generate_song(7, 4.0).samples)
    assert not np.array_equal(song.samples, generate_song(8, 6.0).samples)


def test_a_song_has_the_stems_of_the_field_and_stays_below_full_scale(song):
    assert song.names == STEMS == ("drums", "bass", "other", "vocals")
    assert song.samples.shape == (4, 2, 4 * SAMPLE_RATE)
    assert np.abs(song.mix().samples).max() == pytest.approx(0.89, abs=0.01)


def test_every_stem_can_be_heard(song):
    levels = 10 * np.log10((song.samples**2).mean(axis=(1, 2)) + 1e-12)
    assert np.ptp(levels) < 30


def test_equaliser_lifts_its_bell_and_leaves_the_rest():
    seconds = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    tones = np.stack([np.sin(2 * np.pi * hz * seconds) for hz in (100, 3200)]).astype(np.float32)
    lifted = effects.equalise(tones, SAMPLE_RATE, [(100, 12, 0.3)])
    gain = 20 * np.log10(lifted.std(axis=1) / tones.std(axis=1))
    assert gain[0] == pytest.approx(12, abs=0.1)
    assert gain[1] == pytest.approx(0, abs=0.1)


def test_compressor_narrows_the_range():
    loud_then_soft = np.repeat([[0.5, 0.05]], SAMPLE_RATE, axis=1) * rng().choice(
        [-1, 1], (2, 2 * SAMPLE_RATE)
    )
    out = effects.compress(loud_then_soft.astype(np.float32), SAMPLE_RATE, 4, 0)
    ratio = out[:, : SAMPLE_RATE // 2].std() / out[:, -SAMPLE_RATE // 2 :].std()
    assert 4 < ratio < 9.5


def test_drive_keeps_quiet_music_and_bounds_loud_music():
    noise = rng().standard_normal((2, 5000)).astype(np.float32)
    assert np.allclose(effects.drive(noise, 1e-3), noise, rtol=1e-3)
    assert np.abs(effects.drive(noise, 30)).max() < 0.2 * np.abs(noise).max()


def test_a_room_adds_a_tail_that_decays():
    click = np.zeros((2, SAMPLE_RATE), np.float32)
    click[:, 0] = 1
    tail = effects.reverberate(click, SAMPLE_RATE, 0.5, 1.0, rng())[:, 1:]
    early, late = (tail[:, a : a + 4410] for a in (4410, 17640))
    assert early.std() > 4 * late.std() > 0


@given(st.sampled_from(STEMS), st.integers(0, 1000))
@settings(deadline=None, max_examples=30)
def test_every_chain_keeps_length_and_stays_finite(stem, seed):
    noise = 0.1 * rng(seed).standard_normal((2, 6000)).astype(np.float32)
    processed = effects.random_chain(noise, SAMPLE_RATE, stem, rng(seed))
    assert processed.shape == noise.shape
    assert processed.dtype == np.float32
    assert np.isfinite(processed).all()


def test_midi_numbers_are_written_seven_bits_at_a_time():
    assert sampled._variable_length(0) == b"\x00"
    assert sampled._variable_length(127) == b"\x7f"
    assert sampled._variable_length(128) == b"\x81\x00"
    assert sampled._variable_length(0x0FFFFFFF) == b"\xff\xff\xff\x7f"


def test_without_programs_the_rich_tier_says_what_to_install(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    sampled.require_fluidsynth.cache_clear()
    with pytest.raises(UnavailableError, match="apt install fluidsynth"):
        generate_song(0, 1.0, "rich")
    sampled.require_fluidsynth.cache_clear()
    speech.require_speech.cache_clear()
    with pytest.raises(UnavailableError, match="apt install flite festival"):
        speech.require_speech()


def recorded_or_skip() -> None:
    try:
        sampled.require_fluidsynth(sampled.FLUID)
        sampled.require_fluidsynth(sampled.MUSESCORE)
    except UnavailableError as missing:
        pytest.skip(str(missing))


def test_recorded_instruments_play_the_notes():
    recorded_or_skip()
    played = sampled.play_bass(SCALE, 3 * SAMPLE_RATE, SAMPLE_RATE, rng())
    again = sampled.play_bass(SCALE, 3 * SAMPLE_RATE, SAMPLE_RATE, rng())
    assert np.array_equal(played, again)
    assert played.shape == (2, 3 * SAMPLE_RATE)
    assert played[:, : 2 * SAMPLE_RATE].std() > 1e-3


def test_spoken_words_are_sung_on_the_notes():
    try:
        speech.require_speech()
    except UnavailableError as missing:
        pytest.skip(str(missing))
    long_note = Part("vocals", (Note(0.1, 1.8, 57, 1.0),))  # A3, 220 Hz
    sung = resung.sing(long_note, 2 * SAMPLE_RATE, SAMPLE_RATE, rng(3)).mean(axis=0)
    spectrum = np.abs(np.fft.rfft(sung * np.hanning(len(sung))))
    hertz = np.fft.rfftfreq(len(sung), 1 / SAMPLE_RATE)
    harmonics = sum(spectrum[np.abs(hertz - 220 * k) < 12].sum() for k in range(1, 8))
    between = sum(spectrum[np.abs(hertz - 220 * (k + 0.5)) < 12].sum() for k in range(1, 8))
    assert harmonics > 4 * between
