"""From waveforms to complex spectrograms and back.

A spectrogram is ``[..., steps, bins]``: the bins of a step lie side by side in memory, where the
Fourier transform wants them.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

__all__ = ["long_enough", "overlapped", "spectra", "waveforms"]


def long_enough(sound: Tensor, n_fft: int) -> Tensor:
    """Return sound, ``[..., frames]``, with as much silence after it as `spectra` needs to mirror.

    What is long enough stays as it is.
    """
    return F.pad(sound, (0, max(0, n_fft // 2 + 1 - sound.shape[-1])))


def spectra(sound: Tensor, n_fft: int, hop: int) -> Tensor:
    """Return the complex spectrogram: centred, mirrored at the ends, Hann window, not normalised.

    Shape:
        ``[..., frames] -> [..., steps, bins]``, of as many frames as a mirror needs, and
        ``steps = 1 + frames // hop``.
    """
    lead, frames = sound.shape[:-1], sound.shape[-1]
    window = torch.hann_window(n_fft, dtype=sound.dtype, device=sound.device)
    found = torch.stft(
        sound.reshape(-1, frames), n_fft, hop, window=window, center=True, return_complex=True
    )
    return found.transpose(1, 2).reshape(*lead, -1, n_fft // 2 + 1)


def waveforms(spectra: Tensor, n_fft: int, hop: int, frames: int) -> Tensor:
    """Return what has these spectra: ``[..., steps, bins] -> [..., frames]``.

    It is `torch.istft`, which takes twice as long on a CPU.
    """
    sound = overlapped(spectra, n_fft, hop)
    window = torch.hann_window(n_fft, dtype=sound.dtype, device=sound.device)
    weight = _added((window**2).expand(spectra.shape[-2], n_fft), hop)
    within = slice(n_fft // 2, n_fft // 2 + frames)
    return sound[..., within] / weight[within]


def overlapped(spectra: Tensor, n_fft: int, hop: int) -> Tensor:
    """Return the waveform of every step under a Hann window, added up where they overlap.

    Shape:
        ``[..., steps, bins] -> [..., samples]``, from the first sample of the first step's window.
    """
    window = torch.hann_window(n_fft, dtype=spectra.real.dtype, device=spectra.device)
    return _added(torch.fft.irfft(spectra, n_fft) * window, hop)


def _added(steps: Tensor, hop: int) -> Tensor:
    """``[..., steps, samples]``, one every ``hop`` samples, to their sum ``[..., all samples]``."""
    parts = -(-steps.shape[-1] // hop)
    number = steps.shape[-2]
    padded = F.pad(steps, (0, parts * hop - steps.shape[-1]))
    cut = padded.view(*steps.shape[:-1], parts, hop)
    total = steps.new_zeros(*steps.shape[:-2], number + parts - 1, hop)
    for part in range(parts):
        total[..., part : part + number, :] += cut[..., part, :]
    return total.flatten(-2)
