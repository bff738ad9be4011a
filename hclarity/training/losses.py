"""What training makes small."""

import torch
from torch import Tensor

__all__ = ["thresholded_snr_loss"]

# 30 dB: beyond this ratio of mixture to error a stem counts as done.
THRESHOLD = 1e-3


def thresholded_snr_loss(estimates: Tensor, stems: Tensor) -> Tensor:
    """Mean over items and stems of the error's level below the mixture's, in dB.

    ``10 log10((||s - e||^2 + t ||x||^2) / ||x||^2)`` with ``t = 1e-3`` and ``x`` the mixture.
    In dB like the scores, so a quiet stem weighs as much as a loud one; the threshold keeps a
    silent stem finite.
    Source: S. Wisdom et al., "Unsupervised Sound Separation Using Mixture Invariant Training",
    2020, eq. 2, with the mixture in the place of the reference as the soft limit.

    Args:
        estimates: ``[batch, stems, channels, frames]``.
        stems: the true ones, of the same shape.
    """
    energy = stems.sum(dim=1).square().sum(dim=(1, 2))[:, None].clamp_min(1e-8)
    error = (stems - estimates).square().sum(dim=(2, 3))
    return 10 * torch.log10(error / energy + THRESHOLD).mean()
