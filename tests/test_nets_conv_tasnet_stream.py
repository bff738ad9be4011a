import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from test_nets_conv_tasnet import STEMS, error, mixture, small
from torch import Tensor

from hclarity.nets.conv_tasnet import ConvTasNet
from hclarity.nets.conv_tasnet_stream import ConvTasNetStream


def streamed(net: ConvTasNet, heard: Tensor, sizes: list[int]) -> Tensor:
    """The stems of a mixture ``[1, channels, frames]`` cut into blocks, the last takes the rest."""
    stream = ConvTasNetStream(net)
    rest = heard.shape[-1] - sum(sizes)
    said = [stream.push(block) for block in heard[0].split([*sizes, rest], dim=-1)]
    return torch.cat([*said, stream.flush()], dim=-1)[None]


@st.composite
def cut_songs(draw: st.DrawFn) -> tuple[int, list[int]]:
    frames = draw(st.integers(1, 300))
    cuts = sorted(draw(st.lists(st.integers(0, frames), max_size=12)))
    return frames, [later - earlier for earlier, later in zip([0, *cuts], cuts, strict=False)]


@settings(deadline=None, max_examples=60)
@given(song=cut_songs(), length=st.sampled_from([2, 8, 20]))
def test_blocks_never_matter(song, length):
    frames, sizes = song
    net, heard = small("causal", L=length), mixture(frames)
    with torch.inference_mode():
        whole = net(heard)
    said = streamed(net, heard, sizes)
    assert said.shape == whole.shape
    assert torch.allclose(said, whole, rtol=1e-5, atol=1e-5 * whole.abs().max().item())


@pytest.mark.parametrize("size", [1, 3, 4, 8, 250])
def test_blocks_of_one_size(size):
    net, heard = small("causal").double(), mixture(250).double()
    said = streamed(net, heard, [size] * (249 // size))
    with torch.inference_mode():
        assert error(said, net(heard)) < 1e-12


@pytest.mark.parametrize("size", [1, 3, 10])
def test_the_latency_is_kept_and_no_larger_than_it_is(size):
    net = small("causal", L=20)
    stream = ConvTasNetStream(net)
    assert stream.latency == net.traits.lookahead == 19
    pushed = given_back = 0
    longest = 0
    for block in mixture(300)[0].split(size, dim=-1):
        pushed += block.shape[-1]
        given_back += stream.push(block).shape[-1]
        assert given_back >= pushed - stream.latency
        longest = max(longest, pushed - given_back)
    assert longest == stream.latency if size == 1 else longest <= stream.latency


def test_a_song_of_no_frames():
    stream = ConvTasNetStream(small("causal"))
    assert stream.push(torch.zeros(2, 0)).shape == (3, 2, 0)
    assert stream.flush().shape == (3, 2, 0)


def test_what_it_remembers_does_not_grow():
    stream = ConvTasNetStream(small("causal"))

    def remembered() -> int:
        held = [stream._unheard, stream._overlap, *stream._past]
        return sum(tensor.untyped_storage().nbytes() for tensor in held)

    stream.push(mixture(101)[0])
    early = remembered()
    for _ in range(5):
        stream.push(mixture(400)[0])
    assert remembered() == early


def test_only_some_stems_stream():
    net, heard = small("causal"), mixture(99)
    with torch.inference_mode():
        whole = net(heard)[:, [STEMS.index("vocals")]]
    assert error(streamed(net.only(["vocals"]), heard, [10, 20]), whole) < 1e-5


def test_masks_that_compete_stream():
    net, heard = small("causal", mask="softmax"), mixture(99)
    with torch.inference_mode():
        assert error(streamed(net, heard, [10, 20]), net(heard)) < 1e-5


@pytest.mark.parametrize(
    ("kind", "told"), [("gLN", "hear all frames ahead, not 7"), ("cLN", "hear 31 frames ahead")]
)
def test_a_net_that_must_hear_ahead_cannot_stream(kind, told):
    with pytest.raises(ValueError, match=f"only a causal net can stream: .*{told}"):
        ConvTasNetStream(small(kind))
