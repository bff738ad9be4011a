"""The BandSplitRNN that shares out the mixture."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from hclarity.nets.bsrnn import bsrnn
from hclarity.nets.bsrnn_ratio import RatioMaskBandSplitRNN, _shares

STEMS = ("drums", "bass", "other")


def small_net(**arguments: object) -> RatioMaskBandSplitRNN:
    torch.manual_seed(0)
    form = {"sample_rate": 44100, "channels": 2}
    small = {"bands": "v2", "n_fft": 512, "hop": 128, "features": 6, "blocks": 1}
    net = bsrnn(STEMS, **form, **small, ratio_mask=True, **arguments)  # type: ignore[arg-type]
    assert isinstance(net, RatioMaskBandSplitRNN)
    return net.eval()


def sound(frames: int, seed: int = 0) -> Tensor:
    return torch.randn(1, 2, frames, generator=torch.Generator().manual_seed(seed))


@given(frames=st.integers(1, 3000), seed=st.integers(0, 9))
@settings(deadline=None, max_examples=20)
def test_the_stems_sum_to_the_mixture(frames: int, seed: int) -> None:
    mixture = sound(frames, seed)
    with torch.no_grad():
        stems = small_net()(mixture)
    assert stems.shape == (1, 3, 2, frames)
    torch.testing.assert_close(stems.sum(dim=1), mixture, atol=1e-5, rtol=0)


def test_no_stem_has_more_of_a_bin_than_the_mixture() -> None:
    net, mixture = small_net(), sound(4096)
    with torch.no_grad():
        masks = _shares(*net.core(*net.encode(mixture).inputs))
    assert masks.shape == (1, 3, 2, 1 + 4096 // 128, 257)
    assert masks.min() > 0
    torch.testing.assert_close(masks.sum(dim=1), torch.ones_like(masks[:, 0]))


def test_hears_which_side_a_sound_is_on() -> None:
    """Swapping the channels changes more than the order of what comes out."""
    net, mixture = small_net(), sound(4096)
    mixture[:, 1] *= 0.1
    with torch.no_grad():
        swapped_back = net(mixture.flip(1)).flip(2)
        assert not torch.allclose(swapped_back, net(mixture), atol=1e-4)


def test_silence_is_silent_and_has_gradients() -> None:
    net = small_net().train()
    stems = net(torch.zeros(1, 2, 2048))
    stems.square().sum().backward()
    assert not stems.any()
    assert all(torch.isfinite(weight.grad).all() for weight in net.parameters())  # type: ignore[arg-type]


@pytest.mark.parametrize("arguments", [{"tac": True}, {"rest_stem": True}, {"channels": 1}])
def test_refuses_what_does_not_go_together(arguments: dict[str, object]) -> None:
    form = {"sample_rate": 44100, "channels": 2, **arguments}
    with pytest.raises(ValueError, match="ratio_mask needs 2 channels"):
        bsrnn(STEMS, ratio_mask=True, **form)  # type: ignore[arg-type]
