"""How the rich tier arranges, casts and mixes; its players are tested where their tools are."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hclarity.datasets.generated import mixing, one_shots, productions, sampled, speech
from hclarity.datasets.generated.arrangements import LOWEST_BASS, arrange
from hclarity.datasets.generated.casting import cast_from
from hclarity.datasets.generated.composition import KICK, SNARE, Note, Part
from hclarity.datasets.generated.songs import SAMPLE_RATE, STEMS, generate_song
from hclarity.errors import UnavailableError

LONG = (Note(0.1, 1.5, 60, 0.9),)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def noise(frames: int = 22050, seed: int = 0) -> np.ndarray:
    return 0.1 * rng(seed).standard_normal((2, frames), np.float32)


def tools_or_skip() -> None:
    try:
        for soundfont in (sampled.FLUID, sampled.MUSESCORE):
            sampled.require_fluidsynth(soundfont)
        one_shots.require_one_shots()
        speech.require_speech()
    except UnavailableError as missing:
        pytest.skip(str(missing))


@given(st.integers(0, 10_000), st.floats(2, 40))
@example(2631, 28.0)  # sung up to the top of its scale
@settings(deadline=None, max_examples=60)
def test_every_arrangement_can_be_played(seed: int, seconds: float) -> None:
    arrangement = arrange(rng(seed), seconds)
    assert 1 <= len(arrangement.other) <= 4
    assert 1 <= len(arrangement.vocals) <= 2
    parts = (arrangement.drums, arrangement.bass, *arrangement.other, *arrangement.vocals)
    for part in parts:
        assert part.notes
        for note in part.notes:
            assert note.start >= 0
            assert note.seconds > 0
            assert 20 <= note.pitch <= 110
            assert 0 < note.velocity <= 1
    assert min(note.pitch for note in arrangement.bass.notes) >= LOWEST_BASS


def test_basses_lie_where_basses_do() -> None:
    means = [np.mean([n.pitch for n in arrange(rng(s), 10).bass.notes]) for s in range(40)]
    assert 30 < np.median(means) < 40  # F#1 .. E2


def test_what_is_held_out_never_plays_in_training() -> None:
    pool = tuple("aabcd")
    training, kept = (cast_from(pool, {"b", "d"}, casting) for casting in ("training", "held-out"))
    assert training == ("a", "a", "c")
    assert kept == ("b", "d")
    assert cast_from(pool, {"z"}, "held-out") == pool


@pytest.mark.parametrize("stem", STEMS)
def test_tone_moves_a_stem_towards_recorded_ones(stem: str) -> None:
    typical = np.array(mixing.TYPICAL[stem][0], float)

    def distance(samples: np.ndarray) -> float:
        power = (np.abs(np.fft.rfft(samples)) ** 2).sum(axis=0)
        hertz = np.fft.rfftfreq(samples.shape[1], 1 / SAMPLE_RATE)
        octave = np.clip(np.round(np.log2(np.maximum(hertz, 20) / 62.5)), 0, 8).astype(int)
        levels = 10 * np.log10(np.bincount(octave, power, 9) / power.sum())
        return float(np.abs(levels - typical)[:7].mean())

    before = distance(noise())
    after = [distance(mixing.toned(noise(), SAMPLE_RATE, stem, 1.0, rng(s))) for s in range(5)]
    assert np.mean(after) < 0.6 * before


@pytest.mark.parametrize("stem", STEMS)
def test_silence_stays_silent(stem: str) -> None:
    silence = np.zeros((2, 22050), np.float32)
    for seed in range(10):
        assert np.abs(mixing.mixed_stem(silence, SAMPLE_RATE, stem, rng(seed))).max() < 1e-6


@given(st.sampled_from(STEMS), st.integers(0, 1000))
@settings(deadline=None, max_examples=30)
def test_every_mix_keeps_length_and_stays_finite(stem: str, seed: int) -> None:
    mixed = mixing.mixed_stem(noise(9000, seed), SAMPLE_RATE, stem, rng(seed))
    assert mixed.shape == (2, 9000)
    assert mixed.dtype == np.float32
    assert np.isfinite(mixed).all()


def test_an_amplifier_makes_overtones() -> None:
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    tone = np.tile(np.sin(2 * np.pi * 330 * time), (2, 1)).astype(np.float32)
    for seed in range(5):
        power = np.abs(np.fft.rfft(mixing.amplified(tone, SAMPLE_RATE, rng(seed))[0])) ** 2
        assert power[985:995].sum() > 1e-3 * power[325:335].sum()  # the third harmonic


def test_the_bus_turns_all_stems_by_one_gain() -> None:
    stems = np.stack([noise(seed=seed) * (1 + seed) for seed in range(4)])
    stems[:, :, 8000:16000] *= 5
    glued = mixing.glued(stems, SAMPLE_RATE, rng(1))
    gains = glued / stems
    assert np.allclose(gains, gains[:1, :1], rtol=1e-3)
    assert gains.min() < 0.95 * gains.max()


def test_rooms_keep_the_dry_sound_in_front() -> None:
    dry = noise()
    wet = productions.with_room(dry, SAMPLE_RATE, rng(2))
    assert 0 < (wet - dry).std() < dry.std()


def test_a_drum_machine_piece_peaks_at_its_fader() -> None:
    click = np.zeros((2, 4410), np.float32)
    click[:, 100] = 1
    peaks = [
        20 * np.log10(np.abs(productions._microphone(click, 44100, "hats", rng(s))).max())
        for s in range(40)
    ]
    assert np.mean(peaks) == pytest.approx(productions.MICROPHONES["hats"][1], abs=3)


def test_takes_do_not_run_into_each_other() -> None:
    tools_or_skip()
    piano, organ = sampled.Instrument(0), sampled.Instrument(16)
    takes = [(LONG, piano), ((), piano), (LONG, organ)]
    played = sampled.render(takes, SAMPLE_RATE, SAMPLE_RATE)
    assert played.shape == (3, 2, SAMPLE_RATE)
    assert not played[1].any()
    alone = sampled.render(takes[2:], SAMPLE_RATE, SAMPLE_RATE)[0]
    assert played[2].std() == pytest.approx(alone.std(), rel=0.1)


def test_one_shots_fall_on_their_notes() -> None:
    tools_or_skip()
    part = Part("drums", (Note(0.5, 0.1, KICK, 0.9), Note(1.0, 0.1, SNARE, 0.8)))
    sound = one_shots.play_one_shots(part, 2 * SAMPLE_RATE, SAMPLE_RATE, rng())
    assert not sound[:, : SAMPLE_RATE // 2 - 1].any()
    assert np.abs(sound[:, SAMPLE_RATE // 2 :]).max() > 0.2


@pytest.mark.parametrize("program", speech.SHARES)
def test_every_program_has_syllables_to_sing(program: str) -> None:
    tools_or_skip()
    analysed = speech._analysed(program, speech.VOICES[program][0], 0)
    assert len(analysed.syllables) > 10
    assert analysed.envelope.shape == analysed.aperiodicity.shape
    assert analysed.pitch.min() > 50
    for onset, vowel, end in analysed.syllables:
        assert 0 <= onset <= vowel < end <= len(analysed.pitch)


@pytest.mark.slow
def test_a_rich_song_is_its_seed_and_its_cast() -> None:
    tools_or_skip()
    song, again, other = (
        generate_song(3, 2.0, "rich", casting) for casting in ("training", "training", "held-out")
    )
    assert song.samples.shape == (4, 2, 2 * SAMPLE_RATE)
    assert np.isfinite(song.samples).all()
    assert np.array_equal(song.samples, again.samples)
    assert not np.array_equal(song.samples, other.samples)
    assert np.abs(song.mix().samples).max() == pytest.approx(0.89, abs=0.01)
