from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from hclarity.audio.values import Audio, Samples
from hclarity.errors import BadDataError
from hclarity.nets.hdemucs import hdemucs
from hclarity.nets.separation_net import Heard, SeparationNet
from hclarity.nets.traits import Traits
from hclarity.registry.cards import Contract
from hclarity.separation.engines.choice import choose_engine
from hclarity.separation.levels import level_meter
from hclarity.separation.separator import Separator, separate

RATE = 8000
CONTRACT = Contract(
    ("vocals", "rest"), RATE, 2, chunk_seconds=0.1, overlap=0.25, stride=4, level="deviation"
)


class Net(SeparationNet):
    """Two stems: ``first(mixture)``, and what is left of the mixture; remembers what it heard."""

    def __init__(self, first: nn.Module) -> None:
        super().__init__()
        self.first = first
        self.heard: list[Tensor] = []
        self.traits = Traits(CONTRACT.stems, RATE, 2, stride=1, lookback=None, lookahead=None)

    def core(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        assert torch.is_inference_mode_enabled()
        (mixture,) = inputs
        self.heard.append(mixture.clone())
        first = self.first(mixture)
        return (torch.stack([first, mixture - first], dim=1),)

    def decode(self, said: Sequence[Tensor], heard: Heard) -> Tensor:
        return said[0]


def a_filter(reach: int = 16) -> nn.Module:
    torch.manual_seed(3)
    return nn.Conv1d(2, 2, 2 * reach + 1, padding=reach).requires_grad_(False)


class Bent(nn.Module):
    """As little linear as any net."""

    def forward(self, mixture: Tensor) -> Tensor:
        return torch.tanh(mixture) + 0.1


def a_song(frames: int, channels: int = 2, rate: int = RATE, offset: float = 0.0) -> Audio:
    """Slow waves, so that resampling there and back loses nothing to speak of."""
    seconds = np.arange(frames) / rate
    waves = [np.sin(2 * np.pi * (300 + 170 * channel) * seconds) for channel in range(channels)]
    return Audio(offset + 0.3 * np.stack(waves), rate)


def snr(estimate: Samples, wanted: Samples) -> float:
    error = np.square(estimate - wanted, dtype=np.float64).sum()
    return float(10 * np.log10(np.square(wanted, dtype=np.float64).sum() / error))


def in_blocks(
    song: Audio,
    net: SeparationNet,
    cuts: list[int],
    stems: Sequence[str] | None = None,
    *,
    rest: bool = False,
) -> Samples:
    meter = level_meter(CONTRACT, sample_rate=song.sample_rate, channels=song.channels)
    meter.push(song.samples)
    form = {"sample_rate": song.sample_rate, "channels": song.channels}
    engine = choose_engine(net, CONTRACT, stems=stems, engine="torch")
    separator = Separator(engine, CONTRACT, **form, level=meter.level(), rest=rest)
    ready = [separator.push(block) for block in np.split(song.samples, sorted(cuts), axis=-1)]
    return np.concatenate([*ready, separator.flush()], axis=-1)


@settings(deadline=None, max_examples=60)
@given(
    frames=st.integers(0, 5000),
    rate=st.sampled_from([RATE, 11025, 16000, 44100, 192000, 4000]),
    channels=st.sampled_from([1, 2]),
)
def test_stems_are_as_long_as_the_song(frames: int, rate: int, channels: int) -> None:
    stems = separate(a_song(frames, channels, rate), Net(nn.Identity()), CONTRACT)
    assert stems.names == ("vocals", "rest")
    assert stems.sample_rate == rate
    assert stems.samples.shape == (2, channels, frames)


@pytest.mark.parametrize("offset", [0.0, 0.4])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("frames", [1, 80, 799, 800, 801, 1401, 5000])
def test_stems_sum_to_the_song(frames: int, channels: int, offset: float) -> None:
    """Its offset too, which Demucs would give to every stem."""
    song = a_song(frames, channels, offset=offset)
    stems = separate(song, Net(a_filter()), CONTRACT)
    np.testing.assert_allclose(stems.mix().samples, song.samples, rtol=0, atol=2e-6)


@pytest.mark.parametrize("rate", [11025, 16000, 44100])
@pytest.mark.parametrize("channels", [1, 2])
def test_stems_at_another_rate_sum_to_the_song(rate: int, channels: int) -> None:
    song = a_song(rate, channels, rate)
    stems = separate(song, Net(a_filter()), CONTRACT)
    middle = slice(rate // 10, -rate // 10)
    assert snr(stems.mix().samples[:, middle], song.samples[:, middle]) > 80


@pytest.mark.parametrize("rate", [RATE, 44100, 192000])
def test_one_frame_comes_back(rate: int) -> None:
    song = Audio(np.full((2, 1), 0.5), rate)
    stems = separate(song, Net(nn.Identity()), CONTRACT)
    assert stems.samples.shape == (2, 2, 1)
    assert stems.mix().samples.all()


@settings(deadline=None, max_examples=25)
@given(
    frames=st.integers(0, 3000),
    channels=st.sampled_from([1, 2]),
    cuts=st.lists(st.integers(0, 3000), max_size=20),
)
def test_blocks_never_matter(frames: int, channels: int, cuts: list[int]) -> None:
    song, net = a_song(frames, channels), Net(Bent())
    np.testing.assert_array_equal(in_blocks(song, net, cuts), in_blocks(song, net, []))


@settings(deadline=None, max_examples=25)
@given(frames=st.integers(0, 9000), cuts=st.lists(st.integers(0, 9000), max_size=20))
def test_blocks_never_matter_at_another_rate(frames: int, cuts: list[int]) -> None:
    song, net = a_song(frames, rate=44100), Net(a_filter())
    cut, whole = in_blocks(song, net, cuts), in_blocks(song, net, [])
    np.testing.assert_allclose(cut, whole, rtol=0, atol=1e-6)


def test_a_song_in_memory_is_the_walk_with_one_block() -> None:
    song, net = a_song(3000), Net(Bent())
    np.testing.assert_array_equal(separate(song, net, CONTRACT).samples, in_blocks(song, net, []))


def test_a_mono_song_is_heard_on_all_channels_and_given_back_as_mono() -> None:
    net = Net(a_filter())
    mono = a_song(2000, channels=1)
    stems = separate(mono, net, CONTRACT).samples
    assert all(torch.equal(chunk[:, 0], chunk[:, 1]) for chunk in net.heard)
    stereo = Audio(np.repeat(mono.samples, 2, axis=0), RATE)
    both = separate(stereo, net, CONTRACT).samples
    np.testing.assert_allclose(stems, both.mean(axis=1, keepdims=True), rtol=0, atol=1e-6)


def test_the_net_hears_every_song_at_one_level() -> None:
    net = Net(nn.Identity())
    song = a_song(CONTRACT.chunk, channels=1, offset=0.3)
    separate(song, net, CONTRACT)
    (heard,) = net.heard
    assert heard.dtype == torch.float32
    assert heard.shape == (1, 2, CONTRACT.chunk)
    assert abs(heard.mean().item()) < 1e-6
    assert heard[0, 0].std().item() == pytest.approx(1, rel=1e-5)


@pytest.mark.parametrize("gain", [1e-4, 0.1, 30.0])
def test_a_louder_song_gives_louder_stems_and_nothing_else(gain: float) -> None:
    song, net = a_song(3000), Net(Bent())
    stems = separate(song, net, CONTRACT).samples
    louder = separate(Audio(gain * song.samples, RATE), net, CONTRACT).samples
    np.testing.assert_allclose(louder, gain * stems, rtol=1e-4, atol=1e-6 * gain)


@pytest.mark.parametrize("rate", [RATE, 44100])
@pytest.mark.parametrize("channels", [1, 2])
def test_silence_stays_silence(rate: int, channels: int) -> None:
    """Even where the net would find something in it."""
    net = Net(Bent())
    stems = separate(Audio(np.zeros((channels, 5000)), rate), net, CONTRACT)
    assert not stems.samples.any()
    assert net.heard == []


def test_a_silent_pause_stays_silent() -> None:
    song = a_song(6000).samples.copy()
    song[:, 2000:4000] = 0
    stems = separate(Audio(song, RATE), Net(Bent()), CONTRACT).samples
    assert not stems[..., 2000 + CONTRACT.chunk : 4000 - CONTRACT.chunk].any()
    assert stems[..., :2000].any()


@pytest.mark.parametrize("channels", [3, 6])
def test_more_channels_than_the_net_hears(channels: int) -> None:
    with pytest.raises(BadDataError, match=f"song has {channels} channels, the model hears 2"):
        separate(a_song(100, channels), Net(nn.Identity()), CONTRACT)


def test_a_net_that_estimates_other_stems() -> None:
    net = Net(nn.Identity())
    net.traits = replace(net.traits, stems=("a", "b", "c"))  # which is not what it gives
    with pytest.raises(BadDataError, match=r"expected \(3, 2\) from the net, got \(2, 2, 800\)"):
        separate(a_song(1000), net, CONTRACT)


@pytest.mark.parametrize("rate", [RATE, 44100])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("frames", [1, 799, 5000])
def test_wanted_stems_are_those_of_the_whole_separation(
    frames: int, channels: int, rate: int
) -> None:
    song, net = a_song(frames, channels, rate, offset=0.2), Net(Bent())
    both = in_blocks(song, net, [])
    rest = in_blocks(song, net, [], stems=["rest"])
    np.testing.assert_array_equal(rest, both[1:])
    swapped = in_blocks(song, net, [], stems=["rest", "vocals"])
    np.testing.assert_array_equal(swapped, both[::-1])


@settings(deadline=None, max_examples=25)
@given(
    frames=st.integers(0, 3000),
    channels=st.sampled_from([1, 2]),
    rate=st.sampled_from([RATE, 11025]),
    cuts=st.lists(st.integers(0, 3000), max_size=20),
)
def test_a_stem_and_the_rest_are_the_song(
    frames: int, channels: int, rate: int, cuts: list[int]
) -> None:
    """Whatever the net says, and at any rate: what is no part of the stem stays untouched."""
    song = a_song(frames, channels, rate)
    both = in_blocks(song, Net(Bent()), cuts, stems=["vocals"], rest=True)
    assert both.shape == (2, channels, frames)
    np.testing.assert_allclose(both.sum(axis=0), song.samples, rtol=0, atol=1e-6)
    np.testing.assert_allclose(both[:1], in_blocks(song, Net(Bent()), [])[:1], atol=1e-6)


def test_a_song_shorter_than_a_chunk_is_heard_alone() -> None:
    net = Net(nn.Identity())
    separate(a_song(CONTRACT.chunk // 2 - 1), net, CONTRACT)
    (heard,) = net.heard
    assert heard.shape[-1] == CONTRACT.chunk // 2


@pytest.mark.parametrize("gain", [1e-4, 0.1, 30.0])
@pytest.mark.parametrize("level", ["peak", "-40 LUFS"])
def test_every_level_is_given_back(level: str, gain: float) -> None:
    song, net = a_song(3 * RATE), Net(Bent())
    contract = replace(CONTRACT, level=level)
    stems = separate(song, net, contract).samples
    louder = separate(Audio(gain * song.samples, RATE), net, contract).samples
    if level == "peak" or gain > 1e-4:  # softer than -70 LUFS a song has no loudness
        np.testing.assert_allclose(louder, gain * stems, rtol=1e-4, atol=1e-6 * gain)
    np.testing.assert_allclose(stems.sum(axis=0), song.samples, rtol=0, atol=1e-6)


def whole(song: Audio, net: nn.Module) -> Samples:
    """The net on all of the song at once, at one level: what chunks are to come near to."""
    meter = level_meter(CONTRACT, sample_rate=song.sample_rate, channels=song.channels)
    meter.push(song.samples)
    level = meter.level()
    with torch.inference_mode():
        mixture = torch.from_numpy((song.samples - level.offset) / level.scale)[None]
        estimates: Samples = net(mixture)[0].numpy()
    return estimates * level.scale + level.offset / len(estimates)


def test_chunks_come_near_to_the_whole() -> None:
    song = Audio(np.random.default_rng(0).normal(0, 0.1, (2, 40_000)), RATE)
    net = Net(a_filter())
    stems = separate(song, net, CONTRACT).samples
    assert snr(stems, whole(song, net)) > 40
    seam = slice(CONTRACT.hop - 50, CONTRACT.chunk + 50)
    assert snr(stems[..., seam], whole(song, net)[..., seam]) > 35


def test_chunks_of_hybrid_demucs() -> None:
    """A real network, short songs included, of which some lengths make torchaudio's fail."""
    torch.manual_seed(1)
    form = {"sample_rate": RATE, "channels": 2}
    net = hdemucs(CONTRACT.stems, **form, width=4, depth=4, nfft=1024, ratio_mask=True).eval()
    contract = replace(CONTRACT, chunk_seconds=1.0, stride=256)
    for frames in (1, 700, 1100):
        song = a_song(frames)
        mix = separate(song, net, contract).mix()
        np.testing.assert_allclose(mix.samples, song.samples, rtol=0, atol=1e-5)
    song = Audio(np.random.default_rng(0).normal(0, 0.1, (2, 4 * RATE + 100)), RATE)
    before_the_end = (..., slice(0, -1000))  # where the two are padded differently
    wanted = whole(song, net)[before_the_end]
    in_step = snr(separate(song, net, contract).samples[before_the_end], wanted)
    contract = replace(contract, chunk_seconds=1.001, stride=1)
    out_of_step = snr(separate(song, net, contract).samples[before_the_end], wanted)
    assert in_step > 35
    assert in_step > out_of_step + 3
