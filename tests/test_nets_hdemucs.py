import pytest
import torch

from hclarity.nets.hdemucs import hdemucs
from hclarity.nets.torchaudio_models import HDemucs

STEMS = ("drums", "bass", "other", "vocals")
SMALL = {"channels": 4, "depth": 5}


@pytest.fixture(scope="module")
def masking() -> torch.nn.Module:
    torch.manual_seed(0)
    return hdemucs(STEMS, ratio_mask=True, **SMALL).eval()


def mixture(frames: int, items: int = 1) -> torch.Tensor:
    return torch.randn(items, 2, frames, generator=torch.Generator().manual_seed(frames))


def test_without_a_ratio_mask_it_is_torchaudios_own_net():
    torch.manual_seed(1)
    ours = hdemucs(STEMS, **SMALL).eval()
    theirs = HDemucs(list(STEMS), **SMALL).eval()
    theirs.load_state_dict(ours.state_dict())
    heard = mixture(20000)
    with torch.inference_mode():
        assert torch.equal(ours(heard), theirs(heard))


def test_the_ratio_mask_needs_no_other_weights_than_the_net(masking):
    plain = hdemucs(STEMS, **SMALL)
    assert masking.state_dict().keys() == plain.state_dict().keys()


@pytest.mark.parametrize("frames", [1281, 4096, 30001, 44100])
def test_masked_stems_sum_to_the_mixture(masking, frames):
    heard = mixture(frames)
    with torch.inference_mode():
        stems = masking(heard)
    assert stems.shape == (1, 4, 2, frames)
    assert torch.allclose(stems.sum(dim=1), heard, atol=1e-5)


def test_masked_silence_stays_silent(masking):
    with torch.inference_mode():
        assert not masking(torch.zeros(1, 2, 20000)).any()


def test_items_of_a_batch_do_not_hear_each_other(masking):
    heard = mixture(20000, items=3)
    with torch.inference_mode():
        together = masking(heard)
        alone = torch.cat([masking(item[None]) for item in heard])
    assert torch.allclose(together, alone, atol=1e-5)


def test_the_masks_learn(masking):
    net = hdemucs(STEMS, ratio_mask=True, **SMALL)
    net(mixture(20000)).square().mean().backward()
    assert all(
        p.grad is not None and p.grad.isfinite().all() for p in net.freq_encoder.parameters()
    )


def test_half_precision_convolutions_change_little(masking):
    heard = mixture(44100)
    with torch.inference_mode():
        full = masking(heard)
        with torch.autocast("cpu", torch.bfloat16):
            half = masking(heard)
    assert half.dtype == torch.float32
    error = (half - full).square().sum() / full.square().sum()
    assert error < 1e-3
