import math

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.utils.data import default_collate

from hclarity.errors import ConfigurationError
from hclarity.training.augmentations import (
    Augmentation,
    Equaliser,
    Gain,
    Presence,
    Repitch,
    draw,
    frames_read,
    read_augmentation,
)
from hclarity.training.augmenting import augmented

STEMS = ("drums", "bass", "other", "vocals")
RATE = 22050
FRAMES = 8192
EVERYTHING = Augmentation(
    repitch=Repitch(share=0.5),
    mono=0.3,
    equaliser=Equaliser(),
    presence={"vocals": Presence(0.5, (600, 2600), (0, 10))},
    swap=0.3,
    swap_all=0.5,
    gain=Gain("normal-db", (0, 4), {"other": (-4, 6)}),
    sign=0.5,
    silence=0.1,
)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def noise(batch: int = 1, frames: int = FRAMES) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(batch, len(STEMS), 2, frames, generator=generator)


def tone(hertz: float, frames: int = FRAMES) -> Tensor:
    return torch.sin(2 * math.pi * hertz / RATE * torch.arange(frames))


def done(how: Augmentation, stems: Tensor, seed: int = 0, frames: int = FRAMES) -> Tensor:
    drawn = [draw(how, STEMS, rng((seed, item))) for item in range(len(stems))]
    return augmented(stems, default_collate(drawn), how, sample_rate=RATE, frames=frames)


def decibels(after: Tensor, before: Tensor) -> Tensor:
    return 10 * torch.log10(after.square().mean(dim=(2, 3)) / before.square().mean(dim=(2, 3)))


def draws(how: Augmentation, name: str, items: int = 2000) -> np.ndarray:
    generator = rng()
    return np.array([draw(how, STEMS, generator)[name] for _ in range(items)])


# What is off, and what comes out.


def test_nothing_is_drawn_of_what_is_off():
    generator = rng()
    assert draw(Augmentation(), STEMS, generator) == {}
    assert generator.random() == rng().random()


def test_nothing_is_done_where_all_is_off():
    stems = noise()
    assert torch.equal(done(Augmentation(level="none"), stems), stems)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_what_comes_out_is_float32_and_as_long_as_a_crop(dtype):
    stems = noise(frames=frames_read(EVERYTHING, FRAMES)).to(dtype)
    with torch.autocast("cpu", torch.bfloat16):
        after = done(EVERYTHING, stems)
    assert after.shape == (1, 4, 2, FRAMES)
    assert after.dtype == torch.float32
    assert after.isfinite().all()


def test_a_batch_is_its_items_one_by_one():
    stems = noise(6, frames_read(EVERYTHING, FRAMES))
    drawn = [draw(EVERYTHING, STEMS, rng(item)) for item in range(6)]
    how = {"sample_rate": RATE, "frames": FRAMES}
    batch = augmented(stems, default_collate(drawn), EVERYTHING, **how)
    for number, item in enumerate(drawn):
        alone = augmented(stems[[number]], default_collate([item]), EVERYTHING, **how)
        torch.testing.assert_close(batch[[number]], alone, atol=1e-4, rtol=0)


def test_an_item_depends_on_its_generator_alone():
    first, again, other = (draw(EVERYTHING, STEMS, rng(seed)) for seed in (1, 1, 2))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not all(np.array_equal(first[name], other[name]) for name in first)


def test_every_item_draws_numbers_of_the_same_names_and_shapes():
    shapes = [
        {name: (value.shape, value.dtype) for name, value in drawn.items()}
        for drawn in (draw(EVERYTHING, STEMS, rng(seed)) for seed in range(20))
    ]
    assert all(shape == shapes[0] for shape in shapes)
    assert shapes[0]["bells"] == ((4, 3, 3), np.float32)


def test_the_stems_given_are_left_as_they_were():
    stems = noise(frames=frames_read(EVERYTHING, FRAMES))
    before = stems.clone()
    done(EVERYTHING, stems)
    assert torch.equal(stems, before)


# Gain, sign, silence.


@pytest.mark.parametrize(
    ("law", "of", "expected"),
    [("normal-db", (6, 0), 6.0), ("uniform-db", (-3, -3), -3.0), ("uniform", (0.5, 0.5), -6.0206)],
)
def test_a_gain_is_what_it_says(law, of, expected):
    stems = noise()
    after = done(Augmentation(gain=Gain(law, of), level="none"), stems)
    assert decibels(after, stems) == pytest.approx(expected, abs=1e-4)


def test_a_stem_may_have_a_gain_of_its_own():
    stems = noise()
    gain = Gain("normal-db", (0, 0), {"other": (-4, 0)})
    after = done(Augmentation(gain=gain, level="none"), stems)
    assert decibels(after, stems)[0].tolist() == pytest.approx([0, 0, -4, 0], abs=1e-4)


@pytest.mark.parametrize(
    ("law", "of", "mean", "deviation"),
    [
        ("normal-db", (1, 4), 1, 4),
        ("uniform-db", (-10, 10), 0, 20 / math.sqrt(12)),
    ],
)
def test_gains_in_decibels_have_their_law(law, of, mean, deviation):
    found = 20 * np.log10(draws(Augmentation(gain=Gain(law, of)), "gain"))
    assert found.mean() == pytest.approx(mean, abs=0.3)
    assert found.std() == pytest.approx(deviation, abs=0.2)


def test_gains_as_factors_have_their_law():
    found = draws(Augmentation(gain=Gain("uniform", (0.25, 1.25))), "gain")
    assert 0.25 <= found.min() < 0.26
    assert 1.24 < found.max() <= 1.25
    assert found.mean() == pytest.approx(0.75, abs=0.02)


def test_stems_are_turned_upside_down_in_their_share():
    signs = draws(Augmentation(sign=0.3), "gain")
    assert set(np.unique(signs)) == {-1, 1}
    assert (signs < 0).mean() == pytest.approx(0.3, abs=0.02)


def test_a_sign_changes_nothing_else():
    stems = noise()
    assert torch.equal(done(Augmentation(sign=1, level="none"), stems), -stems)


def test_stems_are_left_out_in_their_share_but_never_all():
    silent = draws(Augmentation(silence=0.4), "gain") == 0
    assert not silent.all(axis=1).any()
    left = 0.4 * (1 - 0.4**3)  # unless the others are silent too
    assert silent.mean() == pytest.approx(left, abs=0.02)


# Mono and channels.


def test_a_mono_stem_has_the_mean_in_both_channels():
    stems = noise()
    after = done(Augmentation(mono=1, level="none"), stems)
    assert torch.equal(after[:, :, 0], after[:, :, 1])
    torch.testing.assert_close(after[:, :, 0], stems.mean(dim=2))


@pytest.mark.parametrize("name", ["mono", "swap"])
def test_shares_are_hit(name):
    found = draws(Augmentation(**{name: 0.3}), name)
    assert found.mean() == pytest.approx(0.3, abs=0.02)
    assert len(np.unique(found, axis=0)) == 16  # each stem by itself


def test_all_stems_of_an_item_swap_together():
    found = draws(Augmentation(swap_all=0.3), "swap")
    assert found.mean() == pytest.approx(0.3, abs=0.04)
    assert len(np.unique(found, axis=0)) == 2


@pytest.mark.parametrize("name", ["swap", "swap_all"])
def test_swapping_twice_is_not_swapping(name):
    how = Augmentation(**{name: 1}, level="none")
    stems = noise()
    once = done(how, stems)
    assert torch.equal(once, stems[:, :, [1, 0]])
    assert torch.equal(done(how, once), stems)


# The equaliser.


def test_an_equaliser_keeps_the_level_of_every_stem():
    stems = noise() * torch.tensor([1, 0.1, 3, 0])[None, :, None, None]
    after = done(Augmentation(equaliser=Equaliser(5, 12), level="none"), stems)
    assert not torch.allclose(after, stems, atol=0.1)
    assert decibels(after[:, :3], stems[:, :3]) == pytest.approx(0, abs=1e-3)
    assert not after[:, 3].any()


def test_a_bell_has_the_response_that_was_drawn():
    """Two tones of one level: what the bell at the first does to their ratio."""
    low, high = 64 * RATE / FRAMES, 1024 * RATE / FRAMES  # four octaves apart
    stems = (tone(low) + tone(high)).expand(1, 4, 2, -1)
    at_low, at_high = math.log2(low), math.log2(high)
    bells = torch.tensor([[at_low, 2, 6], [at_low, 4, -6], [at_low, 0.1, 12], [at_high, 1, 12]])
    how = Augmentation(equaliser=Equaliser(1), level="none")
    after = augmented(stems, {"bells": bells[None, :, None]}, how, sample_rate=RATE, frames=FRAMES)
    spectrum = torch.fft.rfft(after[0, :, 0]).abs()
    ratio = 20 * torch.log10(spectrum[:, 64] / spectrum[:, 1024])
    expected = [
        6 * (1 - math.exp(-0.5 * 2**2)),
        -6 * (1 - math.exp(-0.5)),
        12,
        12 * math.exp(-0.5 * 4**2) - 12,
    ]
    assert ratio.tolist() == pytest.approx(expected, abs=0.05)


def test_bells_have_their_distributions():
    how = Augmentation(equaliser=Equaliser(2, 3, (100, 1600), (0.3, 1.5)))
    centre, width, gain = draws(how, "bells").reshape(-1, 3).T
    assert np.log2(100) - 1e-4 <= centre.min() < centre.max() <= np.log2(1600) + 1e-4
    assert centre.mean() == pytest.approx(np.log2(400), abs=0.05)
    assert 0.3 <= width.min() < width.max() <= 1.5
    assert gain.mean() == pytest.approx(0, abs=0.1)
    assert gain.std() == pytest.approx(3, abs=0.1)


def test_presence_is_of_its_stem_and_share():
    how = Augmentation(presence={"vocals": Presence(0.5, (600, 2600), (2, 10))})
    bells = draws(how, "bells")
    assert not bells[:, :3, :, 2].any()
    centre, width, gain = bells[:, 3, 0].T
    assert (gain > 0).mean() == pytest.approx(0.5, abs=0.04)
    assert gain[gain > 0].min() >= 2
    assert gain.max() <= 10
    assert 2 ** centre.min() >= 600 - 1e-2
    assert 2 ** centre.max() <= 2600 + 1e-1
    assert np.all(width == np.float32(0.7))


# Pitch and tempo.


def loudest_hertz(sound: Tensor) -> Tensor:
    window = torch.hann_window(sound.shape[-1])
    return torch.fft.rfft(sound * window).abs().argmax(dim=-1) * RATE / sound.shape[-1]


def repitched(stems: Tensor, semitones: list[int], tempo: list[float], frames: int) -> Tensor:
    drawn = {"semitones": torch.tensor([semitones]), "tempo": torch.tensor([tempo])}
    how = Augmentation(repitch=Repitch(), level="none")
    return augmented(stems, drawn, how, sample_rate=RATE, frames=frames)


def test_a_stem_that_is_not_moved_stays_to_the_bit():
    stems = noise(frames=9000)
    after = repitched(stems, [0, 0, 0, 2], [1, 1, 1, 1], 8000)
    assert torch.equal(after[:, :3], stems[:, :3, :, :8000])
    assert not torch.allclose(after[:, 3], stems[:, 3, :, :8000], atol=0.1)


def test_the_way_there_and_no_further_is_the_sound_itself():
    """A tempo as near to 1 as float32 has one: all of the machinery, and nothing to do."""
    stems = noise(frames=24000)
    after = repitched(stems, [0] * 4, [1 + 2e-7] * 4, 22050)
    torch.testing.assert_close(after, stems[..., :22050], atol=5e-3, rtol=0)


def test_the_pitch_moves_and_the_tempo_does_not_move_it():
    frames = 22050
    stems = tone(880, 26000).expand(1, 4, 2, -1)
    after = repitched(stems, [2, -2, 0, 1], [1, 0.9, 1.12, 1.1], frames)
    expected = [880 * 2 ** (step / 12) for step in (2, -2, 0, 1)]
    assert loudest_hertz(after[0, :, 0]).tolist() == pytest.approx(expected, abs=1.5)
    assert decibels(after, stems) == pytest.approx(0, abs=0.4)


def test_the_tempo_moves_where_things_happen():
    stems = torch.zeros(1, 4, 2, 26000)
    stems[..., 11000:11050] = noise(frames=50)
    after = repitched(stems, [0, 2, -2, 0], [1.12, 1.1, 0.9, 0.88], 22050)
    when = after.square().sum(dim=2).cumsum(dim=-1)
    middle = (when < when[..., -1:] / 2).sum(dim=-1)
    expected = [11025 / tempo for tempo in (1.12, 1.1, 0.9, 0.88)]
    assert middle[0].tolist() == pytest.approx(expected, abs=512)


def test_channels_keep_what_is_between_them():
    """Side stays side, and a channel that is another at half its level stays that."""
    left = tone(440, 26000) + tone(1000, 26000)
    stems = torch.stack([torch.stack([left, share * left]) for share in (1, -1, 0.5, 0)])[None]
    after = repitched(stems, [1, -1, 2, -2], [1.05, 0.95, 1.1, 0.9], 22050)
    for number, share in enumerate((1, -1, 0.5, 0)):
        torch.testing.assert_close(
            after[0, number, 1], share * after[0, number, 0], atol=1e-4, rtol=0
        )


def test_repitching_is_drawn_for_each_stem_and_in_its_limits():
    how = Augmentation(repitch=Repitch(0.2, 2, 0.05, 0.12))
    generator = rng()
    drawn = [draw(how, STEMS, generator) for _ in range(2000)]
    tempo = np.array([item["tempo"] for item in drawn])
    semitones = np.array([item["semitones"] for item in drawn])
    assert (tempo != 1).mean() == pytest.approx(0.2, abs=0.02)
    assert set(np.unique(semitones)) == {-2, -1, 0, 1, 2}
    assert (semitones != 0).mean() == pytest.approx(0.16, abs=0.02)
    assert np.abs(tempo - 1).max() <= 0.12 + 1e-6
    assert tempo[tempo != 1].std() == pytest.approx(0.05, abs=0.005)
    assert len(np.unique(tempo != 1, axis=0)) > 8  # each stem by itself


def test_stems_of_one_song_are_repitched_together():
    how = Augmentation(repitch=Repitch(0.5, together=True))
    tempo = draws(how, "tempo", 200)
    assert (tempo == tempo[:, :1]).all()
    assert (tempo[:, 0] != 1).mean() == pytest.approx(0.5, abs=0.1)


def test_an_item_is_read_longer_where_it_may_be_played_faster():
    assert frames_read(Augmentation(), 1000) == 1000
    assert frames_read(Augmentation(repitch=Repitch(tempo_most=0.12)), 1000) == 1120


# The level.


def test_the_mixture_gets_a_deviation_of_one():
    after = done(Augmentation(), 0.01 * noise(3))
    assert after.sum(dim=1).flatten(1).std(dim=1, correction=0).tolist() == pytest.approx([1] * 3)


def test_the_mixture_gets_a_peak_of_one():
    after = done(Augmentation(level="peak"), 0.01 * noise(3))
    assert after.sum(dim=1).abs().amax(dim=(1, 2)).tolist() == pytest.approx([1] * 3)


@pytest.mark.parametrize("level", ["deviation", "peak"])
def test_silence_stays_silent(level):
    stems = noise(2)
    stems[1] = 0
    after = done(Augmentation(level=level), stems)
    assert after[0].any()
    assert not after[1].any()


# Recipes.


def test_a_table_says_it_all():
    told = read_augmentation(
        {
            "repitch": {"share": 0.5},
            "mono": 0.3,
            "equaliser": {},
            "presence": {"vocals": {"share": 0.5, "hz": [600, 2600], "db": [0, 10]}},
            "swap": 0.3,
            "swap_all": 0.5,
            "gain": {"law": "normal-db", "of": [0, 4], "stems": {"other": [-4, 6]}},
            "sign": 0.5,
            "silence": 0.1,
            "level": "deviation",
        }
    )
    assert told == EVERYTHING


def test_an_empty_table_is_no_augmentation():
    assert read_augmentation({}) == Augmentation()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"sings": 0.5}, r"augmentation\.sings .*'sign'"),
        ({"sign": 1.5}, r"sign .*0 to 1, got 1\.5"),
        ({"sign": "often"}, r"augmentation\.sign must be a number"),
        ({"gain": 3}, r"augmentation\.gain must be a table"),
        ({"gain": {"law": "normal-db"}}, r"augmentation\.gain\.of is missing"),
        ({"gain": {"law": "normal", "of": [0, 1]}}, r"'normal' \(did you mean 'normal-db'"),
        ({"gain": {"law": "uniform", "of": [1.25, 0.25]}}, "lowest and the highest"),
        ({"gain": {"law": "uniform", "of": [1, 2, 3]}}, "two numbers"),
        (
            {"gain": {"law": "uniform", "of": [1, 2], "stems": {"bass": 1}}},
            "stems must be a list of two",
        ),
        ({"equaliser": {"bell": 2}}, r"augmentation\.equaliser\.bell .*'bells'"),
        ({"equaliser": {"bells": 0}}, "1 or more"),
        ({"equaliser": {"hz": [0, 100]}}, r"equaliser\.hz"),
        ({"presence": {"bass": {"share": 1}}}, r"augmentation\.presence\.bass\.hz is missing"),
        ({"presence": {"bass": {"share": 1, "hz": [1, 2], "db": [3, 0]}}}, r"presence\.db"),
        ({"repitch": {"tempo_most": 1}}, "below 1"),
        ({"repitch": {"together": 1}}, "true or false"),
        ({"level": "loud"}, "deviation or peak or none, got 'loud'"),
    ],
)
def test_a_wrong_table_is_refused_in_one_line(values, told):
    with pytest.raises(ConfigurationError, match=told) as refusal:
        read_augmentation(values)
    assert "\n" not in str(refusal.value)
