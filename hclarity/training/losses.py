"""What training makes small: losses by their names.

Each takes ``estimates`` and ``stems``, both ``[batch, stems, channels, frames]``, and the
``mixture``, ``[batch, channels, frames]``, that may hold more than these stems; each returns the
mean over items and stems. All are computed in float32, and their gradients are finite for silence
and for perfect estimates.
"""

import inspect
from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional

from hclarity.errors import ConfigurationError
from hclarity.registry.spelling import did_you_mean

__all__ = [
    "LOSSES",
    "Loss",
    "build_loss",
    "complex_l1_loss",
    "l1_loss",
    "si_sdr_loss",
    "thresholded_snr_loss",
]

Loss = Callable[[Tensor, Tensor, Tensor], Tensor]


def l1_loss(estimates: Tensor, stems: Tensor, mixture: Tensor) -> Tensor:
    """Mean absolute error of the waveforms.

    Source: A. Défossez et al., "Music Source Separation in the Waveform Domain", 2019.
    """
    return functional.l1_loss(estimates.float(), stems.float())


def complex_l1_loss(
    estimates: Tensor, stems: Tensor, mixture: Tensor, *, n_fft: int = 2048, hop: int = 512
) -> Tensor:
    """Mean absolute error of waveforms, plus that of the spectra's real and imaginary parts.

    ``mean|s - e| + mean|Re(S - E)| + mean|Im(S - E)|``, with spectra ``S`` and ``E`` as the net has
    them: Hann window, centred, mirrored at the ends, not normalised.
    Source: Y. Luo and J. Yu, "Music Source Separation With Band-Split RNN", 2023.

    Args:
        estimates: of the stems.
        stems: the true ones.
        mixture: what they were separated from.
        n_fft: frames in a window.
        hop: frames between windows.
    """
    error = estimates.float() - stems.float()  # spectra are linear: one transform does for both
    with torch.autocast(error.device.type, enabled=False):
        spectra = torch.stft(
            functional.pad(error, (0, max(0, n_fft // 2 + 1 - error.shape[-1]))).flatten(0, -2),
            n_fft,
            hop,
            window=torch.hann_window(n_fft, device=error.device),
            return_complex=True,
        )
    # Real and imaginary parts are as many: twice their common mean is the sum of both means.
    return error.abs().mean() + 2 * torch.view_as_real(spectra).abs().mean()


def si_sdr_loss(
    estimates: Tensor, stems: Tensor, mixture: Tensor, *, floor: float = 1e-4
) -> Tensor:
    """Minus the scale-invariant signal-to-distortion ratio in dB, channels taken together.

    ``10 log10((||a s - e||^2 + f ||x||^2) / (||a s||^2 + f ||x||^2))`` with
    ``a = <e, s> / ||s||^2`` and ``x`` the mixture. Without the floor ``f`` a silent stem has no
    ratio at all and a perfect one an infinite one; with it, a silent stem is told to be silent, and
    an error so far below the mixture counts as none.
    Source: J. Le Roux et al., "SDR - Half-baked or Well Done?", 2019.

    Args:
        estimates: of the stems.
        stems: the true ones.
        mixture: what they were separated from.
        floor: ``f``; 1e-4 is 40 dB below the mixture.
    """
    estimates, stems = estimates.float(), stems.float()
    energy = stems.square().sum(dim=(2, 3), keepdim=True)
    scale = (estimates * stems).sum(dim=(2, 3), keepdim=True) / energy.clamp_min(1e-8)
    target = scale * stems
    floors = floor * _energy(mixture)
    error = (target - estimates).square().sum(dim=(2, 3)) + floors
    return 10 * (error.log10() - (target.square().sum(dim=(2, 3)) + floors).log10()).mean()


def thresholded_snr_loss(
    estimates: Tensor, stems: Tensor, mixture: Tensor, *, threshold: float = 1e-3
) -> Tensor:
    """Level of the error below the mixture's, in dB.

    ``10 log10((||s - e||^2 + t ||x||^2) / ||x||^2)`` with ``x`` the mixture. In dB like the scores,
    so a quiet stem weighs as much as a loud one; the threshold keeps a silent stem finite.
    Source: S. Wisdom et al., "Unsupervised Sound Separation Using Mixture Invariant Training",
    2020, eq. 2, with the mixture in the place of the reference as the soft limit.

    Args:
        estimates: of the stems.
        stems: the true ones.
        mixture: what they were separated from.
        threshold: ``t``; 1e-3 is 30 dB: beyond this ratio of mixture to error a stem is done.
    """
    estimates, stems = estimates.float(), stems.float()
    error = (stems - estimates).square().sum(dim=(2, 3))
    return 10 * torch.log10(error / _energy(mixture) + threshold).mean()


def _energy(mixture: Tensor) -> Tensor:
    """``[batch, 1]``; not 0 where all is silent."""
    return mixture.float().square().sum(dim=(1, 2))[:, None].clamp_min(1e-8)


LOSSES: Mapping[str, Callable[..., Tensor]] = {
    "l1": l1_loss,
    "l1-complex": complex_l1_loss,
    "si-sdr": si_sdr_loss,
    "thresholded-snr": thresholded_snr_loss,
}
"""The losses that a recipe may name; all that follows the mixture are parameters."""


def build_loss(name: str, **parameters: float) -> Loss:
    """Return a loss with its parameters.

    Raises:
        ConfigurationError: for a loss, or a parameter of one, that does not exist, and for a
            parameter that is not above 0.
    """
    if name not in LOSSES:
        raise ConfigurationError(
            f"no loss {name!r}{did_you_mean(name, LOSSES)}; there are {', '.join(LOSSES)}"
        )
    loss = LOSSES[name]
    known = {
        parameter.name: type(parameter.default)
        for parameter in inspect.signature(loss).parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    for parameter, value in parameters.items():
        if parameter not in known:
            raise ConfigurationError(
                f"the loss {name} has no {parameter}{did_you_mean(parameter, known)}"
            )
        if not value > 0:
            raise ConfigurationError(f"loss.{parameter} must be above 0, got {value}")
    return partial(loss, **{name: known[name](value) for name, value in parameters.items()})
