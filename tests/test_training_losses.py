import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import get_window
from torch import Tensor

from hclarity.errors import ConfigurationError
from hclarity.training.losses import LOSSES, build_loss

SHAPE = (2, 3, 2, 6000)


def drawn(seed: int, shape: tuple[int, ...] = SHAPE) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def heard(name: str, estimates: Tensor, stems: Tensor, **parameters: float) -> Tensor:
    return build_loss(name, **parameters)(estimates, stems, stems.sum(dim=1))


# The same, written down without torch.


def by_hand_l1(estimates: np.ndarray, stems: np.ndarray) -> float:
    return float(np.abs(stems - estimates).mean())


def by_hand_l1_complex(
    estimates: np.ndarray, stems: np.ndarray, n_fft: int = 2048, hop: int = 512
) -> float:
    def spectra(sound: np.ndarray) -> np.ndarray:
        edges = [(0, 0)] * (sound.ndim - 1) + [(n_fft // 2, n_fft // 2)]
        padded = np.pad(sound, edges, mode="reflect")
        starts = range(0, padded.shape[-1] - n_fft + 1, hop)
        window = get_window("hann", n_fft)
        return np.stack([np.fft.rfft(padded[..., s : s + n_fft] * window) for s in starts])

    ours, theirs = spectra(estimates), spectra(stems)
    parts = [np.abs(stems - estimates), np.abs((theirs - ours).real), np.abs((theirs - ours).imag)]
    return float(sum(part.mean() for part in parts))


def by_hand_si_sdr(estimates: np.ndarray, stems: np.ndarray) -> float:
    found = []
    for estimate, stem in zip(estimates.reshape(6, -1), stems.reshape(6, -1), strict=True):
        target = estimate @ stem / (stem @ stem) * stem
        found.append(10 * np.log10(target @ target / np.square(target - estimate).sum()))
    return -float(np.mean(found))


def by_hand_thresholded_snr(estimates: np.ndarray, stems: np.ndarray) -> float:
    found = []
    for estimate, stem in zip(estimates, stems, strict=True):
        mixture = np.square(stem.sum(axis=0)).sum()
        errors = np.square(stem - estimate).sum(axis=(1, 2))
        found += [10 * np.log10((error + 1e-3 * mixture) / mixture) for error in errors]
    return float(np.mean(found))


BY_HAND = {
    "l1": by_hand_l1,
    "l1-complex": by_hand_l1_complex,
    "si-sdr": by_hand_si_sdr,
    "thresholded-snr": by_hand_thresholded_snr,
}


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_its_equation(name):
    stems = drawn(0)
    estimates = 0.7 * stems + 0.4 * drawn(1)
    expected = BY_HAND[name](estimates.double().numpy(), stems.double().numpy())
    parameters = {"floor": 1e-9} if name == "si-sdr" else {}
    assert heard(name, estimates, stems, **parameters).item() == pytest.approx(expected, rel=1e-5)


def test_the_windows_of_the_complex_loss_are_the_recipes():
    stems, estimates = drawn(0), drawn(1)
    expected = by_hand_l1_complex(estimates.double().numpy(), stems.double().numpy(), 512, 100)
    found = heard("l1-complex", estimates, stems, n_fft=512, hop=100)
    assert found.item() == pytest.approx(expected, rel=1e-5)


# Laws of all of them.


@pytest.mark.parametrize("name", LOSSES)
def test_the_mean_is_over_items(name):
    stems, estimates = drawn(0), drawn(1)
    alone = [heard(name, estimates[[item]], stems[[item]]).item() for item in range(2)]
    assert heard(name, estimates, stems).item() == pytest.approx(np.mean(alone), rel=1e-5)


@pytest.mark.parametrize("name", LOSSES)
def test_nothing_is_better_than_the_truth(name):
    stems = drawn(0)
    best = heard(name, stems, stems)
    for off in (0.01, 0.1, 1):
        worse = heard(name, stems + off * drawn(1), stems)
        assert worse > best
        best = worse


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_half_precision_estimates_are_heard_in_float32(name, dtype):
    stems = drawn(0)
    with torch.autocast("cpu", torch.bfloat16):
        loss = heard(name, drawn(1).to(dtype), stems)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(heard(name, drawn(1), stems).item(), rel=1e-2)


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("stem", [0.0, 1.0], ids=["silent", "sounding"])
@pytest.mark.parametrize("estimate", ["silent", "equal", "other"])
@pytest.mark.parametrize("frames", [1, 700, 6000])
def test_loss_and_gradient_are_finite_at_the_edges(name, stem, estimate, frames):
    stems = stem * drawn(0, (1, 3, 2, frames))
    stems[:, 0] = 0
    others = {"silent": torch.zeros_like(stems), "equal": stems, "other": drawn(1, stems.shape)}
    estimates = others[estimate].clone().requires_grad_()
    loss = heard(name, estimates, stems)
    loss.backward()
    assert loss.isfinite()
    assert estimates.grad.isfinite().all()
    if estimate == "other":
        assert estimates.grad.abs().sum() > 0


# Laws of one.


@settings(deadline=None, max_examples=20)
@given(st.floats(0.05, 20), st.floats(0.05, 20))
def test_si_sdr_does_not_hear_the_level(scale, both):
    stems = drawn(0)
    estimates = stems + 0.3 * drawn(1)
    loss = heard("si-sdr", estimates, stems, floor=1e-9).item()
    assert heard("si-sdr", scale * estimates, stems, floor=1e-9).item() == pytest.approx(
        loss, abs=1e-2
    )
    assert heard("si-sdr", both * estimates, both * stems).item() == pytest.approx(
        heard("si-sdr", estimates, stems).item(), abs=1e-3
    )


def test_a_silent_stem_is_told_to_be_silent():
    """By a gradient that turns what should not be there down, and no more than the floor pays."""
    stems = drawn(0, (1, 2, 2, 4000))
    stems[:, 0] = 0
    estimates = stems + 0.1 * drawn(1, stems.shape)
    estimates.requires_grad_()
    loss = heard("si-sdr", estimates, stems)
    loss.backward()
    assert (estimates.grad[0, 0] * estimates[0, 0]).sum() > 0
    quiet = estimates.detach().clone()
    quiet[0, 0] = 0
    assert heard("si-sdr", quiet, stems) < loss < heard("si-sdr", quiet, stems) + 40


def test_the_thresholded_loss_is_the_level_of_the_error_below_the_mixture():
    stems = drawn(0, (2, 4, 2, 5000))
    assert heard("thresholded-snr", stems, stems).item() == pytest.approx(-30, abs=1e-4)
    nothing = heard("thresholded-snr", torch.zeros_like(stems), stems).item()
    assert nothing == pytest.approx(-6, abs=0.5)  # each of four stems is a quarter of the energy


@pytest.mark.parametrize("name", ["si-sdr", "thresholded-snr"])
def test_the_mixture_may_hold_more_than_the_stems(name):
    stems, rest = drawn(0), drawn(2, (2, 2, 6000))
    estimates = torch.zeros_like(stems)
    estimates[:, 1] = 0.01 * drawn(1)[:, 1]
    loss = build_loss(name)
    alone, among = (loss(estimates, stems, stems.sum(1) + level * rest) for level in (0, 10))
    assert among != pytest.approx(alone.item(), abs=1e-3)


# Names.


@pytest.mark.parametrize(
    ("name", "parameters", "told"),
    [
        (
            "l1-comlex",
            {},
            r"no loss 'l1-comlex' \(did you mean 'l1-complex'\?\); there are l1, l1-complex",
        ),
        ("l1", {"n_fft": 512}, "the loss l1 has no n_fft"),
        ("l1-complex", {"nfft": 512}, r"nfft \(did you mean 'n_fft'\?\)"),
        ("si-sdr", {"floor": 0}, r"loss\.floor must be above 0, got 0"),
    ],
)
def test_a_wrong_loss_is_refused(name, parameters, told):
    with pytest.raises(ConfigurationError, match=told):
        build_loss(name, **parameters)
