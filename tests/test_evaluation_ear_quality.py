import numpy as np
import pytest

from hclarity.evaluation.ear_quality import HAAQI_RATE, ear_quality
from hclarity.hearing.standard import STANDARD_LISTENERS


def quality(reference, processed, level_of=None):
    return ear_quality(
        reference,
        processed,
        STANDARD_LISTENERS["N3"].left,
        level_of=reference if level_of is None else level_of,
        equalisation=2,
        seed=0,
        engine="own",
    )


@pytest.fixture
def noise():
    return np.random.default_rng(0).standard_normal(HAAQI_RATE // 2)


def sounding(noise, frames):
    """Noise between two silences."""
    heard = np.zeros_like(noise)
    heard[100 : 100 + frames] = noise[:frames]
    heard[[100, 99 + frames]] = 1
    return heard


@pytest.mark.parametrize("frames", [1, 383, 384])
def test_what_sounds_for_less_than_16_ms_has_no_quality(noise, frames):
    value = quality(sounding(noise, frames), noise)
    assert value is None if frames < 384 else 0 < value < 1


def test_only_what_both_have_counts(noise):
    heard = np.concatenate([np.zeros_like(noise), noise])
    assert quality(heard, noise) is None
    assert quality(0 * noise, noise) is None


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 2), (64, 2)])
def test_threads_are_no_more_than_memory_has_room_for(noise, monkeypatch, cores, threads):
    asked = []
    monkeypatch.setattr("numba.config.NUMBA_NUM_THREADS", cores)
    monkeypatch.setattr(
        "hclarity.metrics.haaqi.score.haaqi", lambda *_, **how: asked.append(how["threads"]) or 0.5
    )
    assert quality(noise, noise) == 0.5
    assert asked == [threads]
