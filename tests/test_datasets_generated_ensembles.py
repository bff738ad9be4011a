"""Generated pieces for strings and woodwinds: what is composed, and how it sounds."""

import shutil

import numpy as np
import pytest

from hclarity.datasets.generated.composition import Note, Part
from hclarity.datasets.generated.counterpoint import RANGES, compose_ensemble
from hclarity.datasets.generated.ensembles import generate_ensemble
from hclarity.datasets.generated.orchestra import INSTRUMENTS, orchestral_track
from hclarity.datasets.generated.waveforms import hertz

QUARTET = ("violin", "violin", "viola", "cello")
RATE = 44100


@pytest.mark.parametrize("seed", range(5))
def test_players_keep_to_their_ranges_and_play_one_note_at_a_time(seed):
    parts = compose_ensemble(np.random.default_rng(seed), 20.0, QUARTET)
    assert tuple(part.style for part in parts) == QUARTET
    for part in parts:
        low, high = RANGES[part.style]
        assert all(low <= note.pitch <= high and 0 < note.velocity <= 1 for note in part.notes)
        gaps = [
            b.start - a.start - a.seconds for a, b in zip(part.notes, part.notes[1:], strict=False)
        ]
        assert min(gaps) > -0.1  # no more than players are early


def test_pieces_last_and_rest_and_differ():
    rng = np.random.default_rng(0)
    pieces = [compose_ensemble(rng, 30.0, QUARTET) for _ in range(5)]
    for parts in pieces:
        assert max(note.start + note.seconds for part in parts for note in part.notes) >= 29
    rests = [
        b.start - a.start - a.seconds
        for parts in pieces
        for part in parts
        for a, b in zip(part.notes, part.notes[1:], strict=False)
    ]
    assert max(rests) > 3  # s
    assert len({parts[0].notes for parts in pieces}) == 5


def test_instruments_sound_at_their_pitch():
    assert INSTRUMENTS.keys() == RANGES.keys()
    for name, (low, high) in RANGES.items():
        pitch = (low + high) // 2
        part = Part(name, (Note(0.1, 1.0, pitch, 0.8),))
        track = orchestral_track(part, RATE, RATE, np.random.default_rng(1))
        spectrum = np.abs(np.fft.rfft(track[RATE // 4 : 3 * RATE // 4] * np.hanning(RATE // 2)))
        spacing = np.argmax(np.fft.irfft(spectrum**2)[20 : RATE // 40]) + 20
        assert RATE / spacing == pytest.approx(hertz(pitch), rel=0.03), name
        assert np.all(track[: RATE // 12] == 0)
        assert np.isfinite(track).all()


@pytest.mark.parametrize("family", ["strings", "woodwinds"])
def test_a_piece_is_its_seed(family):
    piece = generate_ensemble(3, 1.5, family)
    again = generate_ensemble(3, 1.5, family)
    assert piece.names == again.names
    np.testing.assert_array_equal(piece.samples, again.samples)
    assert piece.samples.shape == (len(piece.names), 2, round(1.5 * RATE))
    assert piece.sample_rate == RATE
    assert np.abs(piece.mix().samples).max() == pytest.approx(0.89, abs=1e-4)
    other = generate_ensemble(4, 1.5, family)
    assert other.names != piece.names or not np.array_equal(other.samples, piece.samples)


def test_no_player_is_silent_and_woodwinds_are_two_to_five():
    ensembles = set()
    for seed in range(8):
        strings = generate_ensemble(seed, 1.0, "strings")
        assert strings.names == ("Violin_1", "Violin_2", "Viola", "Cello")
        winds = generate_ensemble(seed, 1.0, "woodwinds")
        assert set(winds.names) <= {"Flute", "Oboe", "Clarinet", "Sax", "Bassoon"}
        assert 2 <= len(winds.names) <= 5
        ensembles.add(winds.names)
        for piece in (strings, winds):
            assert (np.abs(piece.samples).max(axis=(1, 2)) > 0.005).all()
    assert len(ensembles) > 3


@pytest.mark.skipif(shutil.which("fluidsynth") is None, reason="needs fluidsynth")
def test_recorded_instruments_play_the_same_piece():
    from hclarity.datasets.generated.sampled import require_fluidsynth
    from hclarity.errors import UnavailableError

    try:
        require_fluidsynth()
    except UnavailableError as error:
        pytest.skip(str(error))
    rich = generate_ensemble(3, 1.5, "woodwinds", "rich")
    np.testing.assert_array_equal(
        rich.samples, generate_ensemble(3, 1.5, "woodwinds", "rich").samples
    )
    assert (np.abs(rich.samples).max(axis=(1, 2)) > 0.005).all()
