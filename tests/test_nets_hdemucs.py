from collections.abc import Sequence

import pytest
import torch
from demucs.hdemucs import HDemucs as TheirHDemucs
from perturbed_nets import perturbed
from torch import Tensor, nn

from hclarity.nets.hdemucs import hdemucs
from hclarity.nets.torchaudio_models import HDemucs
from hclarity.registry.upstream.hdemucs import demucs_name

STEMS = ("drums", "bass", "other", "vocals")
SONG = {"sample_rate": 44100, "channels": 2}
SMALL = {**SONG, "width": 4, "depth": 5}
WIDTH = 8  # the least with which demucs' own GroupNorm takes a single frame


@pytest.fixture(scope="module")
def masking() -> nn.Module:
    torch.manual_seed(0)
    return perturbed(hdemucs(STEMS, ratio_mask=True, **SMALL))


@pytest.fixture(scope="module")
def plain() -> nn.Module:
    torch.manual_seed(0)
    return perturbed(hdemucs(STEMS, **SMALL))


def mixture(frames: int, items: int = 1, channels: int = 2) -> Tensor:
    return torch.randn(items, channels, frames, generator=torch.Generator().manual_seed(frames))


def agree(ours: Tensor, theirs: Tensor) -> bool:
    """Whether they differ by a few roundings; demucs' windows have 24 bits at any precision."""
    most = 16 * torch.finfo(torch.float32).eps * theirs.abs().max().item()
    return torch.allclose(ours, theirs, rtol=0, atol=most)


def the_same_in_demucs(ours: nn.Module, stems: Sequence[str], channels: int = 2) -> nn.Module:
    """The net of the ``demucs`` package with the same weights, strictly."""
    theirs = TheirHDemucs(list(stems), audio_channels=channels, channels=WIDTH)
    state = {demucs_name(name): tensor for name, tensor in ours.state_dict().items()}
    dead = {name for name in state if name.startswith("tencoder.4.norm1.")}
    theirs.load_state_dict({name: state[name] for name in state.keys() - dead})
    return theirs.to(next(ours.parameters()).dtype).eval()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("frames", [1, 500, 769, 1024, 1100, 1281, 1700, 30000, 88323])
def test_it_says_what_demucs_says_within_rounding(dtype: torch.dtype, frames: int) -> None:
    ours = perturbed(hdemucs(STEMS, **SONG, width=WIDTH)).to(dtype)
    theirs = the_same_in_demucs(ours, STEMS)
    heard = mixture(frames, items=3 if frames == 1700 else 1).to(dtype)
    with torch.inference_mode():
        assert agree(ours(heard), theirs(heard))


@pytest.mark.parametrize(
    ("stems", "channels"), [(("vocals",), 2), (("vocals", "rest"), 2), (STEMS, 1)]
)
def test_it_equals_demucs_for_other_stems_and_channels(stems: tuple[str, ...], channels: int):
    ours = perturbed(hdemucs(stems, sample_rate=44100, channels=channels, width=WIDTH))
    theirs = the_same_in_demucs(ours, stems, channels)
    heard = mixture(5000, channels=channels)
    with torch.inference_mode():
        assert agree(ours(heard), theirs(heard))


@pytest.mark.parametrize("frames", [500, 1700, 30000])
def test_its_gradients_are_those_of_demucs(frames: int) -> None:
    ours = perturbed(hdemucs(STEMS, **SONG, width=WIDTH))
    theirs = the_same_in_demucs(ours, STEMS)
    heard = mixture(frames, items=2)
    for net in (ours, theirs):
        net(heard).square().mean().backward()
    gradients = dict(theirs.named_parameters())
    most = 1e-5 * max(parameter.grad.abs().max().item() for parameter in gradients.values())
    for name, parameter in ours.named_parameters():
        if not name.startswith("time_encoder.4.norm1."):  # dead in torchaudio, absent in demucs
            expected = gradients[demucs_name(name)].grad
            torch.testing.assert_close(parameter.grad, expected, rtol=0, atol=most)


def test_it_equals_demucs_where_the_lstm_hears_in_pieces() -> None:
    """More than 200 steps of 2048 frames."""
    ours = perturbed(hdemucs(STEMS, **SONG, width=WIDTH))
    heard = mixture(201 * 2048 + 100)
    with torch.inference_mode():
        assert agree(ours(heard), the_same_in_demucs(ours, STEMS)(heard))


def test_without_a_ratio_mask_it_is_torchaudios_own_net(plain) -> None:
    theirs = HDemucs(list(STEMS), channels=4, depth=5).eval()
    theirs.load_state_dict(plain.state_dict())
    heard = mixture(20000)
    with torch.inference_mode():
        assert agree(plain(heard), theirs(heard))


@pytest.mark.parametrize(
    ("stems", "arguments", "parameters"),
    [
        (4, {}, 83_639_368),
        (2, {}, 83_634_748),
        (4, {"nfft": 2048}, 78_908_488),
        (4, {"nfft": 1024, "depth": 5}, 20_040_296),
    ],
)
def test_it_has_the_published_number_of_parameters(stems, arguments, parameters) -> None:
    with torch.device("meta"):
        net = hdemucs(STEMS[:stems], **SONG, **arguments)
    assert sum(parameter.numel() for parameter in net.parameters()) == parameters


@pytest.mark.parametrize(
    ("arguments", "stride"),
    [
        ({}, 2048),
        ({"depth": 5}, 1024),
        ({"nfft": 2048}, 1024),
        ({"nfft": 1024, "depth": 5}, 512),
        ({"time_stride": 4}, 4096),
    ],
)
def test_its_stride_is_a_step_of_its_core(arguments, stride) -> None:
    net = hdemucs(STEMS, **{**SMALL, "depth": 6, **arguments}).eval()
    assert net.traits.stride == stride
    steps = []
    net.freq_encoder[-1].register_forward_hook(lambda *call: steps.append(call[2].shape[-1]))
    with torch.inference_mode():
        net(mixture(3 * stride))
        net(mixture(3 * stride + 1))
    assert steps == [3, 4]


def test_its_traits_are_what_it_was_built_with(plain) -> None:
    traits = plain.traits
    assert (traits.stems, traits.sample_rate, traits.channels) == (STEMS, 44100, 2)
    assert traits.receptive_field is None
    assert traits.longest is None


@pytest.mark.parametrize("ratio_mask", [False, True])
@pytest.mark.parametrize("frames", [1, 2, 3, 5, 1024])
def test_narrow_nets_take_any_number_of_frames(ratio_mask: bool, frames: int) -> None:
    net = perturbed(hdemucs(STEMS, ratio_mask=ratio_mask, **SMALL))
    with torch.inference_mode():
        stems = net(mixture(frames))
    assert stems.shape == (1, 4, 2, frames)
    assert stems.isfinite().all()


@pytest.mark.parametrize("width", [4, 8])
def test_mono_takes_a_single_frame(width: int) -> None:
    net = perturbed(hdemucs(STEMS, sample_rate=8000, channels=1, width=width, depth=5))
    with torch.inference_mode():
        assert net(mixture(1, channels=1)).isfinite().all()


@pytest.mark.parametrize("stems", [("vocals",), ("vocals", "drums"), STEMS])
@pytest.mark.parametrize("name", ["plain", "masking"])
def test_only_some_stems_are_the_same(name, stems, request) -> None:
    net = request.getfixturevalue(name)
    fewer = net.only(stems)
    assert fewer.traits == net.traits.of(stems)
    heard = mixture(20000)
    with torch.inference_mode():
        wanted = net(heard)[:, [STEMS.index(stem) for stem in stems]]
        assert torch.allclose(fewer(heard), wanted, rtol=1e-6, atol=1e-6 * wanted.abs().max())


def test_only_one_stem_shares_the_weights_and_writes_one(plain) -> None:
    fewer = plain.only(["bass"])
    assert not fewer.training
    shared = "freq_encoder.0.conv.weight"
    assert fewer.get_parameter(shared).data_ptr() == plain.get_parameter(shared).data_ptr()
    assert fewer.freq_decoder[-1].conv_tr.out_channels == 4
    assert plain.freq_decoder[-1].conv_tr.out_channels == 16
    assert all(parameter.requires_grad for parameter in plain.parameters())


@pytest.mark.parametrize("arguments", [{"depth": 2}, {"nfft": 8192}, {"nfft": 1000}])
def test_halves_that_do_not_meet_are_refused(arguments) -> None:
    with pytest.raises(ValueError, match=r"nfft \d+ and depth \d do not lead"):
        hdemucs(STEMS, **{**SMALL, **arguments})


def test_masks_take_two_channels() -> None:
    with pytest.raises(ValueError, match="ratio_mask needs 2 channels, got 1"):
        hdemucs(STEMS, sample_rate=44100, channels=1, ratio_mask=True)


def test_the_ratio_mask_needs_no_other_weights_than_the_net(masking, plain) -> None:
    assert masking.state_dict().keys() == plain.state_dict().keys()


@pytest.mark.parametrize("frames", [1, 1281, 4096, 30001, 44100])
def test_masked_stems_sum_to_the_mixture(masking, frames) -> None:
    heard = mixture(frames)
    with torch.inference_mode():
        stems = masking(heard)
    assert stems.shape == (1, 4, 2, frames)
    assert torch.allclose(stems.sum(dim=1), heard, atol=1e-5)


@pytest.mark.parametrize("name", ["plain", "masking"])
def test_silence_stays_silent(name, request) -> None:
    with torch.inference_mode():
        assert not request.getfixturevalue(name)(torch.zeros(1, 2, 20000)).any()


@pytest.mark.parametrize("name", ["plain", "masking"])
def test_items_of_a_batch_do_not_hear_each_other(name, request) -> None:
    net = request.getfixturevalue(name)
    heard = mixture(20000, items=3)
    with torch.inference_mode():
        together = net(heard)
        alone = torch.cat([net(item[None]) for item in heard])
    assert torch.allclose(together, alone, atol=1e-5 * alone.abs().max())


def test_the_masks_learn() -> None:
    net = hdemucs(STEMS, ratio_mask=True, **SMALL)
    net(mixture(20000)).square().mean().backward()
    assert all(
        p.grad is not None and p.grad.isfinite().all() for p in net.freq_encoder.parameters()
    )


@pytest.mark.parametrize("name", ["plain", "masking"])
def test_half_precision_convolutions_change_little(name, request) -> None:
    net = request.getfixturevalue(name)
    heard = mixture(44100)
    with torch.inference_mode():
        full = net(heard)
        with torch.autocast("cpu", torch.bfloat16):
            half = net(heard)
    assert half.dtype == torch.float32
    error = (half - full).square().sum() / full.square().sum()
    assert error < 1e-3
