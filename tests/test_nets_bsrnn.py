import re

import pytest
import torch
from bsrnn_golden import (
    Case,
    derivatives,
    drawn_mixture,
    drawn_state,
    family,
    golden_cases,
)

from hclarity.nets.bsrnn import BandSplitRNN, bsrnn
from hclarity.registry.upstream.bsrnn import translate
from hclarity.registry.upstream.published import Published

CASES = golden_cases("bsrnn.npz")
FOUR = ("vocals", "bass", "drums", "other")
SMALL = {
    "sample_rate": 44100,
    "channels": 2,
    "bands": "v3",
    "n_fft": 128,
    "hop": 32,
    "features": 4,
    "blocks": 1,
    "mask_factor": 2,
    "attention_heads": 2,
    "attention_features": 3,
    "tac": True,
}


def translated(case: Case, *, seed: int = 0) -> Published:
    state = drawn_state(case.shapes, seed=seed)
    published = translate({"state_dict": state, "hyper_parameters": case.arguments}, {})
    assert published is not None
    return published


def rebuilt(case: Case) -> BandSplitRNN:
    """Our net with the parameters of a golden case, in float64."""
    published = translated(case)
    net = bsrnn(
        published.stems,
        sample_rate=published.sample_rate,
        channels=published.channels,
        **published.arguments,
    ).double()
    net.load_state_dict(published.state)
    return net


def small(stems: tuple[str, ...] = FOUR, **arguments: object) -> BandSplitRNN:
    torch.manual_seed(0)
    return bsrnn(stems, **SMALL | arguments).eval()


@pytest.mark.parametrize("name", CASES)
def test_it_separates_as_the_public_code_does(name):
    case = CASES[name]
    net, expected = rebuilt(case), case.estimates.double()
    heard = drawn_mixture(expected.shape[-1])
    with torch.inference_mode():
        exact, single = net(heard), net.float()(heard.float()).double()
    assert exact.shape == expected.shape
    assert torch.allclose(exact, expected, rtol=0, atol=1e-7 * expected.abs().max())
    assert torch.allclose(single, expected, rtol=0, atol=1e-5 * expected.abs().max())


@pytest.mark.parametrize("name", CASES)
def test_it_learns_as_the_public_code_does(name):
    case = CASES[name]
    net = rebuilt(case)
    heard = drawn_mixture(case.estimates.shape[-1]).requires_grad_()
    weights = drawn_mixture(case.estimates.numel() // 2, seed=1).view(case.estimates.shape)
    (net(heard) * weights).sum().backward()
    found = derivatives({}, heard, {}) | _by_their_families(net, case)
    scale = max(abs(value) for value in case.derivatives.values())
    assert found == pytest.approx(case.derivatives, rel=1e-8, abs=1e-12 * scale)


def _by_their_families(net: BandSplitRNN, case: Case) -> dict[str, float]:
    """How the loss changes with each family of the public code's parameters."""
    families = [_first_name(family(name)) for name in case.shapes]
    marks = {
        name: torch.full(shape, float(families.index(own)), dtype=torch.float64)
        for (name, shape), own in zip(case.shapes.items(), families, strict=True)
    }
    marked = translate(marks, {}).state  # each of our parameters, filled with its family's number
    directions = translated(case, seed=1).state
    found = dict.fromkeys(families, 0.0)
    for name, parameter in net.named_parameters():
        number = int(marked[name].flatten()[0])
        found[families[number]] += float((parameter.grad * directions[name]).sum())
    return found


def _first_name(name: str) -> str:
    """One PReLU has three names; its gradient is told under the first of them."""
    return re.sub(r"(tac_module)\.(average|concat)\.1\.", r"\1.transform.1.", name)


@pytest.mark.parametrize(
    ("stems", "arguments", "count"),
    [
        (FOUR[:1], {"bands": "vocals"}, 36_417_160),
        (FOUR[1:2], {"bands": "bass"}, 32_797_192),
        (FOUR[2:3], {"bands": "drums"}, 41_024_392),
        (FOUR[:1], {"bands": "vocals", "features": 64, "blocks": 8}, 8_020_296),
        (FOUR[:1], {"bands": "v7", "features": 64, "blocks": 8, "mask_factor": 2}, 5_133_896),
        (FOUR[:1], {"bands": "v7", "features": 64, "blocks": 8, "mask_factor": 1}, 4_194_504),
        (FOUR, {"features": 64, "blocks": 8}, 26_621_140),
        (FOUR, {"features": 64, "blocks": 8, "rest_stem": True}, 20_861_520),
        (FOUR, {"features": 64, "blocks": 8, "mask_factor": 1}, 6_574_804),
        (FOUR, {"features": 48, "blocks": 6, "mask_factor": 1}, 3_461_092),
        (FOUR[:1], {"bands": "vocals", "attention_heads": 2}, 37_227_484),
        (FOUR[:1], {"bands": "vocals", "attention_heads": 2, "tac": True}, 40_777_192),
        (FOUR, {"attention_heads": 2, "tac": True}, 108_727_540),
    ],
)
def test_the_published_sizes(stems, arguments, count):
    with torch.device("meta"):
        net = bsrnn(stems, sample_rate=44100, channels=2, **arguments)
    assert sum(parameter.numel() for parameter in net.parameters()) == count


@pytest.mark.parametrize("frames", [1, 31, 64, 65, 500, 1024, 2001])
@pytest.mark.parametrize("rest_stem", [False, True])
def test_any_length_is_heard(frames, rest_stem):
    heard = drawn_mixture(frames, items=2).float()
    with torch.inference_mode():
        stems = small(rest_stem=rest_stem)(heard)
    assert stems.shape == (2, 4, 2, frames)
    assert stems.isfinite().all()


def test_a_rest_makes_the_stems_sum_to_the_mixture():
    heard = drawn_mixture(3000).float()
    with torch.inference_mode():
        stems = small(rest_stem=True)(heard)
    assert torch.allclose(stems.sum(1), heard, atol=1e-6)


@pytest.mark.parametrize("rest_stem", [False, True])
@pytest.mark.parametrize("chosen", [("drums",), ("other", "vocals"), ("drums", "bass")])
def test_some_stems_are_as_they_are_among_all(chosen, rest_stem):
    net = small(rest_stem=rest_stem)
    some = net.only(chosen)
    heard = drawn_mixture(2000).float()
    with torch.inference_mode():
        expected = net(heard)[:, [FOUR.index(stem) for stem in chosen]]
        assert torch.allclose(some(heard), expected, atol=1e-6 * expected.abs().max())
    assert some.traits == net.traits.of(chosen)


def test_masks_of_other_stems_are_left_out():
    net = small()
    some = net.only(["drums"])
    left_out = {id(parameter) for parameter in net.parameters()}
    left_out -= {id(parameter) for parameter in some.parameters()}
    masks = [id(parameter) for number in (0, 1, 3) for parameter in net.masks[number].parameters()]
    assert left_out == set(masks)


def test_silence_stays_silent():
    with torch.inference_mode():
        assert not small()(torch.zeros(1, 2, 3000)).any()
        assert not small(rest_stem=True)(torch.zeros(1, 2, 3000)).any()


def test_items_of_a_batch_do_not_hear_each_other():
    heard = drawn_mixture(2000, items=3)
    net = small().double()
    with torch.inference_mode():
        alone = torch.cat([net(item[None]) for item in heard])
        assert torch.allclose(net(heard), alone, atol=1e-12)


def test_channels_hear_each_other_only_where_they_are_joined():
    heard = drawn_mixture(2000)
    other = heard.clone()
    other[:, 1] = 0
    with torch.inference_mode():
        for tac in (False, True):
            net = small(tac=tac).double()
            same = torch.allclose(net(heard)[:, :, 0], net(other)[:, :, 0], atol=1e-12)
            assert same is not tac


@pytest.mark.parametrize("channels", [1, 3])
def test_any_number_of_channels(channels):
    with torch.inference_mode():
        net = small(channels=channels)
        assert net(torch.ones(2, channels, 500)).shape == (2, 4, channels, 500)


def test_half_precision_changes_little():
    heard = drawn_mixture(5000).float()
    net = small(features=16)
    with torch.inference_mode():
        full = net(heard)
        with torch.autocast("cpu", torch.bfloat16):
            half = net(heard)
    assert half.dtype == torch.float32
    assert (half - full).square().sum() < 1e-3 * full.square().sum()


def test_every_parameter_learns():
    net = small().train()
    net(drawn_mixture(2000).float()).square().sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in net.parameters())


def test_what_it_says_of_itself():
    traits = small().traits
    assert (traits.stems, traits.sample_rate, traits.channels) == (FOUR, 44100, 2)
    assert (traits.stride, traits.receptive_field, traits.longest) == (32, None, None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"bands": "v8"}, "no band scheme 'v8'"),
        ({"hop": 33}, "hop must be from 1 to a quarter of n_fft, 32, got 33"),
        ({"hop": 0}, "hop must be"),
        ({"features": 0}, "features must be 1 or more, got 0"),
        ({"blocks": 0}, "blocks must be 1 or more"),
        ({"attention_heads": 3}, "4 features cannot be shared by 3 heads"),
        ({"attention_heads": -1}, "shared by -1 heads"),
        ({"tac_activation": "relu"}, "tac_activation must be prelu or tanh, got 'relu'"),
        ({"stems": ()}, "too few stems"),
        ({"stems": ("vocals",), "rest_stem": True}, "too few stems with a rest"),
    ],
)
def test_nets_that_cannot_be_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        bsrnn(**{"stems": FOUR, **SMALL, **arguments})
