"""What holds for every net, whatever it is made of."""

from copy import deepcopy

import numpy as np
import pytest
import torch
from tiny_nets import TINY_NETS, TinyNet
from torch import Tensor

from hclarity.audio.values import Audio
from hclarity.nets.separation_net import SeparationNet
from hclarity.separation.separator import separate

Pair = tuple[TinyNet, SeparationNet]


@pytest.fixture(scope="module", params=TINY_NETS.values(), ids=TINY_NETS.keys())
def pair(request: pytest.FixtureRequest) -> Pair:
    return request.param, request.param.build()


def noise(frames: int, items: int = 1) -> Tensor:
    return torch.randn(items, 2, frames, generator=torch.Generator().manual_seed(frames))


def test_says_what_it_is(pair: Pair) -> None:
    tiny, net = pair
    traits = net.traits
    assert (traits.stems, traits.sample_rate, traits.channels) == (tiny.stems, 44100, 2)
    assert tiny.stride % traits.stride == 0
    assert traits.longest is None or tiny.chunk <= traits.longest
    assert traits.receptive_field is None or traits.receptive_field > 1


@pytest.mark.parametrize("frames", [1, 2, 19, 20, 511, 1024, 1025, 2047, 7919, 16000])
def test_takes_any_number_of_frames(pair: Pair, frames: int) -> None:
    tiny, net = pair
    with torch.inference_mode():
        stems = net(noise(frames))
    assert stems.shape == (1, len(tiny.stems), 2, frames)
    assert stems.isfinite().all()


@pytest.mark.parametrize("frames", [1000, 12345])
def test_items_of_a_batch_do_not_hear_each_other(pair: Pair, frames: int) -> None:
    _, net = pair
    heard = noise(frames, items=3) * torch.tensor([1.0, 0.01, 30])[:, None, None]
    with torch.inference_mode():
        together = net(heard)
        alone = torch.cat([net(item[None]) for item in heard])
    scale = alone.abs().amax(dim=(1, 2, 3), keepdim=True)
    assert ((together - alone).abs() / scale).max() < 2e-5


def test_fewer_stems_are_the_same_stems(pair: Pair) -> None:
    tiny, net = pair
    heard = noise(9000)
    with torch.inference_mode():
        stems = net(heard)
        for wanted in {tiny.stems[:1], tiny.stems[::-1], tiny.stems[1:3]} - {()}:
            few = net.only(wanted)
            assert few.traits.stems == wanted
            numbers = [tiny.stems.index(stem) for stem in wanted]
            torch.testing.assert_close(few(heard), stems[:, numbers], rtol=1e-5, atol=1e-5)


COMPUTE_ALL = {
    "convtasnet whose stems sum to the mixture",
    "hdemucs with ratio masks",
    "bsrnn of one stem",
    "bsrnn with ratio masks",
    "bsrnn-stereo",
}


def test_fewer_stems_take_fewer_parameters_where_they_can(pair: Pair) -> None:
    tiny, net = pair
    few = net.only(tiny.stems[:1])
    fewer = sum(p.numel() for p in few.parameters()) < sum(p.numel() for p in net.parameters())
    (name,) = [name for name, other in TINY_NETS.items() if other is tiny]
    assert fewer == (name not in COMPUTE_ALL)
    assert not few.training


def test_silence_is_no_trouble(pair: Pair) -> None:
    _, net = pair
    with torch.inference_mode():
        assert net(torch.zeros(1, 2, 5000)).isfinite().all()


def test_doubles_say_the_same_as_singles(pair: Pair) -> None:
    _, net = pair
    heard = noise(9000)
    with torch.inference_mode():
        single = net(heard)
        double = deepcopy(net).double()(heard.double())
    assert double.dtype == torch.float64
    error = (double - single).abs().max() / double.abs().max()
    assert error < 1e-4


def test_every_weight_learns(pair: Pair) -> None:
    _, net = pair
    net.zero_grad()
    net(noise(9000)).square().mean().backward()
    dead = {
        name
        for name, parameter in net.named_parameters()
        if parameter.grad is None or not (parameter.grad.isfinite().all() and parameter.grad.any())
    }
    # torchaudio builds a norm on a layer that returns before it.
    assert dead <= {"time_encoder.4.norm1.weight", "time_encoder.4.norm1.bias"}
    net.zero_grad()


@pytest.mark.parametrize(
    ("chunks", "more"),
    [(0, 1), (0, 2), (0.5, 1), (1, -1), (1, 0), (1, 1), (2, 77), (3, -1), (3, 0)],
)
def test_separates_songs_of_odd_lengths(pair: Pair, chunks: float, more: int) -> None:
    tiny, net = pair
    frames = int(chunks * tiny.contract.chunk) + more
    song = 0.1 * np.random.default_rng(frames).standard_normal((2, frames)).astype(np.float32)
    stems = separate(Audio(song, tiny.sample_rate), net, tiny.contract)
    assert stems.names == tiny.stems
    assert stems.samples.shape == (len(tiny.stems), 2, frames)
    assert np.isfinite(stems.samples).all()
