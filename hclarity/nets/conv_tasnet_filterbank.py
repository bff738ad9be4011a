"""What a Conv-TasNet's filterbank may begin as: sinusoids, as hearing spaces them."""

import math

import torch
from torch import Tensor

__all__ = ["sinusoidal_filterbank"]

PHASES = 4  # a rectifier halves a wave, so each sinusoid and its opposite, and both a quarter later
LOWEST, HIGHEST = 20.0, 16_000.0  # Hz
SHORTEST = 64  # frames
MIDDLE = 0.7  # share of the waveforms in which both channels are alike; they differ in the rest


def sinusoidal_filterbank(N: int, channels: int, L: int, sample_rate: int) -> Tensor:
    """Return waveforms ``[N, channels, L]`` of unit energy, to begin training with.

    Hann-windowed sinusoids, equally spaced on the mel scale and as long as that spacing asks for,
    so that they are narrow at low frequencies and quick at high ones; in four phases each (M.
    Pariente et al., "Filterbank design for end-to-end speech separation", ICASSP 2020, and D.
    Ditter and T. Gerkmann, "A multi-phase gammatone filterbank", ICASSP 2020, begin so too). With
    two channels the first are alike in both, the rest opposite.

    Args:
        N: how many; a multiple of 4, 32 or more.
        channels: one or two.
        L: their length, in frames.
        sample_rate: in Hz.

    Raises:
        ValueError: for other numbers than these.
    """
    if N % PHASES or N < 8 * PHASES or channels > 2:
        raise ValueError(
            "a filterbank of sinusoids needs N a multiple of 4 and at least 32, and one or two"
            f" channels, got N={N} and {channels}"
        )
    sinusoids = N // PHASES
    middle = sinusoids if channels == 1 else round(MIDDLE * sinusoids)
    parts = [_sinusoids(middle, L, sample_rate)[:, None].expand(-1, channels, -1)]
    if channels == 2:
        side = _sinusoids(sinusoids - middle, L, sample_rate)
        parts.append(torch.stack([side, -side], dim=1))
    waveforms = torch.cat(parts)
    return waveforms / waveforms.square().sum(dim=(1, 2), keepdim=True).sqrt()


def _sinusoids(count: int, L: int, sample_rate: int) -> Tensor:
    """``[4 * count, L]``, from the lowest."""
    highest = min(HIGHEST, 0.45 * sample_rate)
    mels = torch.linspace(_mel(LOWEST), _mel(highest), count, dtype=torch.float64)
    hertz = 700 * (torch.exp(mels / 1127) - 1)
    spacing = torch.gradient(hertz)[0]
    widths = (2 * sample_rate / spacing).clamp(min(SHORTEST, L), L)[:, None]
    time = torch.arange(L, dtype=torch.float64) - (L - 1) / 2
    windows = torch.where(time.abs() < widths / 2, (math.pi * time / widths).cos() ** 2, 0.0)
    phases = torch.arange(PHASES)[None, :, None] * math.pi / 2
    turns = 2 * math.pi * hertz[:, None, None] * time / sample_rate
    return (windows[:, None] * torch.cos(turns + phases)).flatten(0, 1).float()


def _mel(hertz: float) -> float:
    """O'Shaughnessy's mel scale."""
    return 1127 * math.log1p(hertz / 700)
