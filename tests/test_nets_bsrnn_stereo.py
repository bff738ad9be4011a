import pytest
import torch
from bsrnn_golden import Case, derivatives, drawn_mixture, drawn_state, family, golden_cases

from hclarity.nets.bsrnn_stereo import StereoBandSplitRNN, bsrnn_stereo
from hclarity.registry.upstream.bsrnn_stereo import translate
from hclarity.registry.upstream.published import Published

CASES = golden_cases("bsrnn_stereo.npz")
SMALL = {
    "sample_rate": 44100,
    "channels": 2,
    "bands": "v3",
    "n_fft": 128,
    "hop": 32,
    "features": 4,
    "rnn_features": 3,
    "blocks": 1,
    "mask_features": 5,
    "time_steps": 11,
}
LONGEST = 320


def translated(case: Case, state: dict[str, torch.Tensor]) -> Published:
    published = translate(state, {"model": case.arguments})
    assert published is not None
    return published


def rebuilt(case: Case) -> StereoBandSplitRNN:
    """Our net with the parameters of a golden case, in float64."""
    published = translated(case, drawn_state(case.shapes))
    net = bsrnn_stereo(
        ["vocals"],
        sample_rate=published.sample_rate,
        channels=published.channels,
        **published.assumed,
        **published.arguments,
    ).double()
    net.load_state_dict(published.state)
    return net


def small(**arguments: object) -> StereoBandSplitRNN:
    torch.manual_seed(0)
    return bsrnn_stereo(["vocals"], **SMALL | arguments).eval()


@pytest.mark.parametrize("name", CASES)
def test_it_separates_as_the_public_code_does(name):
    case = CASES[name]
    net, expected = rebuilt(case), case.estimates.double()
    heard = drawn_mixture(expected.shape[-1])[:, : expected.shape[2]]
    with torch.inference_mode():
        exact, single = net(heard), net.float()(heard.float()).double()
    assert exact.shape == expected.shape
    assert torch.allclose(exact, expected, rtol=0, atol=1e-7 * expected.abs().max())
    assert torch.allclose(single, expected, rtol=0, atol=1e-5 * expected.abs().max())


@pytest.mark.parametrize("name", CASES)
def test_it_learns_as_the_public_code_does(name):
    case = CASES[name]
    net, channels = rebuilt(case), case.estimates.shape[2]
    frames = case.estimates.shape[-1]
    heard = drawn_mixture(frames)[:, :channels].clone().requires_grad_()
    (net(heard) * drawn_mixture(frames, seed=1)[:, None, :channels]).sum().backward()
    found = derivatives({}, heard, {}) | _by_their_families(net, case)
    assert found == pytest.approx(case.derivatives, rel=1e-8, abs=1e-13)


def _by_their_families(net: StereoBandSplitRNN, case: Case) -> dict[str, float]:
    """How the loss changes with each family of the public code's parameters."""
    families = [family(name) for name in case.shapes]
    marks = {
        name: torch.full(shape, float(families.index(own)), dtype=torch.float64)
        for (name, shape), own in zip(case.shapes.items(), families, strict=True)
    }
    marked = translated(case, marks).state  # our parameters, filled with their family's number
    directions = translated(case, drawn_state(case.shapes, seed=1)).state
    found = dict.fromkeys(families, 0.0)
    for name, parameter in net.named_parameters():
        number = int(marked[name].flatten()[0])
        found[families[number]] += float((parameter.grad * directions[name]).sum())
    return found


@pytest.mark.parametrize(
    ("bands", "count"), [("v7", 32_414_628), ("bass", 33_371_812), ("drums", 35_954_340)]
)
def test_the_published_sizes(bands, count):
    with torch.device("meta"):
        net = bsrnn_stereo(["vocals"], sample_rate=44100, channels=2, bands=bands)
    assert sum(parameter.numel() for parameter in net.parameters()) == count


def test_the_published_net_hears_three_seconds():
    with torch.device("meta"):
        net = bsrnn_stereo(["vocals"], sample_rate=44100, channels=2)
    assert net.traits.longest == 262 * 512


@pytest.mark.parametrize("frames", [1, 64, 65, LONGEST])
def test_what_is_shorter_is_heard_as_if_silence_followed(frames):
    heard = drawn_mixture(frames, items=2).float()
    filled = torch.nn.functional.pad(heard, (0, LONGEST - frames))
    net = small()
    with torch.inference_mode():
        assert torch.equal(net(heard), net(filled)[..., :frames])


def test_what_is_longer_is_refused():
    with pytest.raises(ValueError, match="at most 320 frames at once, got 321"):
        small()(torch.zeros(1, 2, LONGEST + 1))


def test_silence_stays_silent_and_can_be_learnt_from():
    net = small()
    stems = net(torch.zeros(1, 2, LONGEST))
    assert not stems.any()
    stems.square().sum().backward()
    assert all(parameter.grad.isfinite().all() for parameter in net.parameters())


def test_items_of_a_batch_do_not_hear_each_other():
    heard = drawn_mixture(LONGEST, items=3)
    net = small().double()
    with torch.inference_mode():
        alone = torch.cat([net(item[None]) for item in heard])
        assert torch.allclose(net(heard), alone, atol=1e-12)


def test_half_precision_changes_little():
    heard = drawn_mixture(LONGEST).float()
    net = small(features=16, rnn_features=16)
    with torch.inference_mode():
        full = net(heard)
        with torch.autocast("cpu", torch.bfloat16):
            half = net(heard)
    assert half.dtype == torch.float32
    assert (half - full).square().sum() < 1e-3 * full.square().sum()


def test_the_only_stem_is_the_only_one():
    net = small()
    heard = drawn_mixture(LONGEST).float()
    with torch.inference_mode():
        assert torch.equal(net.only(["vocals"])(heard), net(heard))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"bands": "v8"}, "no band scheme 'v8'"),
        ({"hop": 33}, "hop must be from 1 to a quarter of n_fft"),
        ({"rnn_features": 0}, "rnn_features must be 1 or more, got 0"),
        ({"time_steps": 3}, "3 time_steps are fewer than one window of 128 frames"),
        ({"stems": ("vocals", "rest")}, "this net has one stem, got \\['vocals', 'rest'\\]"),
        ({"stems": ()}, "this net has one stem"),
    ],
)
def test_nets_that_cannot_be_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        bsrnn_stereo(**{"stems": ("vocals",), **SMALL, **arguments})
