import numpy as np
import pytest
from hearing_strategies import BISGAARD
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.errors import BadDataError, UsageError
from hclarity.hearing.prescriptions.nal import nalr
from hclarity.remixing.balancing import as_heard
from hclarity.remixing.mixer import Mixer
from hclarity.remixing.plan import GainPlan
from hclarity.remixing.stem_gains import SOFTEST_DB

STEMS = ("drums", "bass", "other", "vocals")
N3, S2 = nalr(BISGAARD["N3"]), nalr(BISGAARD["S2"])
decibels = st.floats(-60, 10)


def noise(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def mixed(mixer, song, stems, cuts=()):
    blocks = zip(np.split(song, cuts, -1), np.split(stems, cuts, -1), strict=True)
    return np.concatenate([*(mixer.push(*block) for block in blocks), mixer.flush()], axis=1)


@settings(deadline=None)
@given(st.sampled_from((1, 2)), st.sets(st.sampled_from(STEMS)), st.integers(0, 500))
def test_0_db_is_the_song_bit_for_bit_whatever_the_stems(channels, named, frames):
    song, stems = noise(channels, frames), noise(4, channels, frames, seed=1)
    plan = GainPlan(dict.fromkeys(named, 0.0), loudness=-16)
    np.testing.assert_array_equal(mixed(Mixer(plan, STEMS, 44100), song, stems), as_heard(song))


@settings(deadline=None)
@given(st.fixed_dictionaries(dict.fromkeys(STEMS, decibels)))
def test_what_is_in_no_stem_stays(gains):
    residual, stems = noise(2, 400), noise(4, 2, 400, seed=1)
    song = residual + stems.sum(axis=0)
    remixed = mixed(Mixer(GainPlan(gains), STEMS, 44100), song, stems)
    in_order = (gains[name] for name in STEMS)
    factors = [10 ** (gain / 20) if gain > SOFTEST_DB else 0 for gain in in_order]
    by_hand = sum(factor * stem for factor, stem in zip(factors, stems, strict=True))
    np.testing.assert_allclose(remixed - by_hand, residual, atol=1e-5)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(0, 40_000), max_size=8), st.sampled_from((1, 2)))
def test_block_sizes_never_matter(cuts, channels):
    song, stems = noise(channels, 40_000), noise(4, channels, 40_000, seed=1)
    plan = GainPlan({"vocals": 3.0, "drums": -6.0}, N3, S2)
    np.testing.assert_array_equal(
        mixed(Mixer(plan, STEMS, 16000), song, stems, sorted(cuts)),
        mixed(Mixer(plan, STEMS, 16000), song, stems),
    )


def test_each_ear_has_its_own_gain():
    tone = np.sin(2 * np.pi * 1000 * np.arange(44100) / 44100).astype(np.float32)[None]
    mixer = Mixer(GainPlan({}, N3, S2), (), 44100)
    heard = np.concatenate([mixer.push(tone), mixer.flush()], axis=1)[:, 11_000:-11_000]
    loudness = 20 * np.log10(np.sqrt(2) * heard.std(axis=1))
    assert loudness == pytest.approx([N3.at(1000), S2.at(1000)], abs=0.1)
    left, right = mixer.realised_gains_db()
    assert (left[1000], right[1000]) == pytest.approx(tuple(loudness), abs=0.1)


@pytest.mark.parametrize(
    ("song", "stems", "complaint"),
    [
        ((2, 100), (4, 2, 99), r"expected .* \[4, 2, 100\], got \[4, 2, 99\]"),
        ((1, 100), (4, 2, 100), r"\[4, 1, 100\], got \[4, 2, 100\]"),
        ((2, 100), (3, 2, 100), r"\[4, 2, 100\], got \[3, 2, 100\]"),
        ((2, 100), None, r"\[4, 2, 100\], got \[0, 2, 100\]"),
        ((3, 100), (4, 3, 100), "expected 1 or 2 channels, got 3"),
    ],
)
def test_what_does_not_fit_together_is_refused(song, stems, complaint):
    mixer = Mixer(GainPlan({"vocals": 3}), STEMS, 44100)
    with pytest.raises(BadDataError, match=complaint):
        mixer.push(noise(*song), None if stems is None else noise(*stems))


def test_stems_that_nobody_announced_are_refused():
    with pytest.raises(BadDataError, match=r"expected .* \[0, 2, 9\], got \[4, 2, 9\]"):
        Mixer(GainPlan({}), (), 44100).push(noise(2, 9), noise(4, 2, 9))


def test_a_stem_that_is_not_there_cannot_be_changed():
    with pytest.raises(UsageError, match=r"no stem named 'piano'.*: drums, bass, other, vocals"):
        Mixer(GainPlan({"piano": 3}), STEMS, 44100)
    with pytest.raises(UsageError, match=r"'vocals'.* none, only the song"):
        Mixer(GainPlan({"vocals": 3}), (), 44100)
    Mixer(GainPlan({"piano": 0}), STEMS, 44100)
