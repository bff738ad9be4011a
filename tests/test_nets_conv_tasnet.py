import pytest
import torch
from conv_tasnet_golden import NAMES, golden
from torch import Tensor

from hclarity.nets.conv_tasnet import ConvTasNet, conv_tasnet

STEMS = ("drums", "bass", "vocals")
SMALL = {"N": 8, "L": 8, "B": 6, "H": 10, "P": 3, "X": 2, "R": 2}
KINDS = {
    "gLN": {"norm": "gLN"},
    "cLN": {"norm": "cLN"},
    "softmax": {"norm": "cLN", "mask": "softmax"},
    "causal": {"norm": "cLN", "causal": True},
}


def small(kind: str = "gLN", channels: int = 2, **arguments: object) -> ConvTasNet:
    torch.manual_seed(5)
    net = conv_tasnet(
        STEMS, sample_rate=8000, channels=channels, **{**SMALL, **KINDS[kind], **arguments}
    )
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return net.eval()


def mixture(frames: int, items: int = 1, channels: int = 2) -> Tensor:
    return torch.randn(items, channels, frames, generator=torch.Generator().manual_seed(frames))


def error(ours: Tensor, theirs: Tensor) -> float:
    """The largest difference, as a part of the largest value."""
    return ((ours - theirs).abs().max() / theirs.abs().max()).item()


def of_golden(name: str) -> ConvTasNet:
    told = golden(name).told
    net = conv_tasnet(
        told["sources"],
        sample_rate=44100,
        channels=told["audio_channels"],
        **{letter: told[letter] for letter in SMALL},
        causal=told["causal"],
        norm=told["norm_type"],
        mask=told["mask_nonlinear"],
    )
    net.double().load_state_dict(golden(name).state)
    return net


@pytest.mark.parametrize("name", NAMES)
def test_says_what_the_public_code_says(name):
    net, public = of_golden(name), golden(name)
    said = net(public.heard)
    assert said.shape == public.said.shape
    assert error(said, public.said) < 1e-12
    assert error(net.float()(public.heard.float()), public.said) < 1e-5


@pytest.mark.parametrize("name", NAMES)
def test_learns_what_the_public_code_learns(name):
    net, public = of_golden(name), golden(name)
    (net(public.heard) * public.weighting).sum().backward()
    for key, parameter in net.named_parameters():
        assert error(parameter.grad, public.gradients[key]) < 1e-11, key


def test_frames_that_fill_no_half_window_are_silent():
    said = small()(mixture(203))
    assert not said[..., 200:].any()
    assert said[..., 190:200].all()


@pytest.mark.parametrize(
    ("stems", "arguments", "count"),
    [
        (4, {"X": 8}, 8_852_032),
        (4, {"X": 10}, 10_977_872),
        (2, {"X": 10}, 10_846_800),
        (2, {"X": 10, "causal": True, "norm": "cLN"}, 10_846_800),
        (2, {"X": 8, "R": 3}, 6_595_120),
    ],
)
def test_published_sizes(stems, arguments, count):
    with torch.device("meta"):
        net = conv_tasnet(STEMS[:2] * (stems // 2), sample_rate=44100, channels=2, **arguments)
    assert sum(parameter.numel() for parameter in net.parameters()) == count
    blocks = arguments["X"] * arguments.get("R", 4)
    assert len(net.state_dict()) == 6 + 9 * blocks


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("frames", [1, 2, 7, 8, 9, 11, 12, 13, 500])
def test_any_number_of_frames(kind, channels, frames):
    said = small(kind, channels)(mixture(frames, 2, channels))
    assert said.shape == (2, 3, channels, frames)
    assert said.isfinite().all()


def test_what_is_shorter_than_a_window_is_heard_as_if_silence_followed():
    net = small()
    heard = mixture(5)
    padded = torch.nn.functional.pad(heard, (0, 3))
    assert torch.equal(net(heard), net(padded)[..., :5])


@pytest.mark.parametrize("kind", KINDS)
def test_items_of_a_batch_do_not_hear_each_other(kind):
    net = small(kind).double()
    heard = mixture(301, items=3).double()
    alone = torch.cat([net(item[None]) for item in heard])
    assert error(net(heard), alone) < 1e-12


@pytest.mark.parametrize("kind", KINDS)
def test_silence_stays_silent(kind):
    assert not small(kind)(torch.zeros(1, 2, 300)).any()


@pytest.mark.parametrize("kind", ["gLN", "cLN", "causal"])
@pytest.mark.parametrize("chosen", [("vocals",), ("vocals", "drums"), ("bass", "vocals", "drums")])
def test_only_some_stems(kind, chosen):
    net = small(kind)
    fewer = net.only(chosen)
    heard = mixture(301, items=2)
    numbers = [STEMS.index(stem) for stem in chosen]
    assert fewer.traits == net.traits.of(chosen)
    assert error(fewer(heard), net(heard)[:, numbers]) < 1e-6
    assert fewer.separator.network[3].out_channels == len(chosen) * SMALL["N"]
    assert fewer.encoder is net.encoder
    assert not fewer.training


def test_only_some_stems_of_competing_masks():
    net = small("softmax")
    heard = mixture(301)
    assert torch.equal(net.only(["vocals"])(heard), net(heard)[:, [2]])


def changed_frames(net: ConvTasNet, at: int, frames: int = 400) -> Tensor:
    """Which frames of the stems change, to the bit, when the mixture does at one."""
    heard = mixture(frames)
    other = heard.clone()
    other[..., at] += 5
    with torch.inference_mode():
        return (net(heard) != net(other)).any(dim=(0, 1, 2)).nonzero().flatten()


@pytest.mark.parametrize("kind", ["cLN", "softmax", "causal"])
@pytest.mark.parametrize("arguments", [{}, {"P": 5, "X": 1}, {"P": 1}, {"L": 2}])
def test_lookback_and_lookahead_are_bounds_and_no_more(kind, arguments):
    net = small(kind, **arguments)
    stride = net.traits.stride
    changed = {at: changed_frames(net, at) for at in range(200, 200 + stride)}
    before = max(at - frames.min().item() for at, frames in changed.items())
    after = max(frames.max().item() - at for at, frames in changed.items())
    # ReLUs may hide some of what is heard, never reveal more.
    assert net.traits.lookahead - 2 <= before <= net.traits.lookahead
    assert net.traits.lookback - 2 <= after <= net.traits.lookback


def test_the_reach_of_published_nets():
    with torch.device("meta"):
        causal = conv_tasnet("ab", sample_rate=44100, channels=2, causal=True, norm="cLN")
        both_ways = conv_tasnet("ab", sample_rate=44100, channels=2, norm="cLN")
        whole = conv_tasnet("ab", sample_rate=44100, channels=2)
    assert (causal.traits.lookback, causal.traits.lookahead) == (20419, 19)
    assert (both_ways.traits.lookback, both_ways.traits.lookahead) == (10219, 10219)
    assert (whole.traits.lookback, whole.traits.lookahead) == (None, None)
    assert whole.traits.stride == 10


@pytest.mark.parametrize("kind", ["cLN", "causal"])
def test_moved_by_whole_strides_it_says_the_same(kind):
    net = small(kind).double()
    heard = mixture(400).double()
    lookback, lookahead = net.traits.lookback, net.traits.lookahead
    moved = net(heard[..., 12:])[..., lookback:-lookahead]
    assert error(moved, net(heard)[..., 12 + lookback : -lookahead]) < 1e-12


@pytest.mark.parametrize("kind", KINDS)
def test_half_precision_changes_little(kind):
    net, heard = small(kind), mixture(1000)
    with torch.inference_mode():
        full = net(heard)
        with torch.autocast("cpu", torch.bfloat16):
            half = net(heard)
    assert half.dtype == torch.float32
    assert (half - full).square().sum() / full.square().sum() < 1e-3


def test_every_weight_learns():
    net = small("causal").train()
    net(mixture(500)).square().mean().backward()
    assert all(p.grad.isfinite().all() and p.grad.any() for p in net.parameters())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"causal": True}, "a causal net needs norm = 'cLN'"),
        ({"norm": "BN"}, "norm must be gLN or cLN, got 'BN'"),
        ({"mask": "sigmoid"}, "mask must be relu or softmax, got 'sigmoid'"),
        ({"L": 21}, "L must be even, .* got 21"),
        ({"P": 4}, "P must be odd, got 4"),
        ({"N": 0}, "N must be 1 or more, got 0"),
        ({"channels": 0}, "channels must be 1 or more, got 0"),
        ({"stems": ()}, "stems must be 1 or more, got 0"),
    ],
)
def test_bad_arguments(arguments, told):
    with pytest.raises(ValueError, match=told):
        conv_tasnet(**{"stems": STEMS, "sample_rate": 8000, "channels": 2, **arguments})
