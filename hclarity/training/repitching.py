"""Another pitch and another tempo, for every stem of a batch by itself.

A phase vocoder changes the duration (J. Laroche and M. Dolson, "Improved Phase Vocoder Time-Scale
Modification of Audio", IEEE TSAP 7(3), 1999, with identity phase locking), and resampling makes
pitch of it. Demucs has the program ``soundstretch`` do this, which works on a CPU and on files.
"""

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["repitched"]

_N_FFT = 2048
_HOP = 512


def repitched(sound: Tensor, semitones: Tensor, tempo: Tensor, frames: int) -> Tensor:
    """Move the pitch of each stem and change its tempo.

    Args:
        sound: ``[batch, stems, channels, frames_read]``; ``frames * tempo`` of them are heard.
        semitones: whole numbers ``[batch, stems]``.
        tempo: ``[batch, stems]``; 1.1 is a tenth faster.
        frames: of what is returned.

    Returns:
        ``[batch, stems, channels, frames]``; stems with 0 semitones and tempo 1 stay as they are.
    """
    changed = sound[..., :frames].clone()
    moved = (semitones != 0) | (tempo != 1)
    for step in torch.unique(semitones[moved]).tolist():
        chosen = moved & (semitones == step)
        ratio = 2 ** (step / 12)
        longer = _stretched(sound[chosen], tempo[chosen] / ratio, round(frames * ratio))
        changed[chosen] = _resampled(longer, frames)
    return changed


def _stretched(sound: Tensor, rate: Tensor, frames: int) -> Tensor:
    """Play sound ``[n, channels, ...]`` at rates ``[n]``, each at its pitch, for so many frames.

    An output step shows the input where the music is by then. Its phases are turned, alike in all
    channels, by what was left out or heard twice, so that each peak goes on as it would have: the
    way from one input step to the next is the angle between them, over all channels. All bins
    around a peak turn with it, or they would not add up to what they were.
    """
    window = torch.hann_window(_N_FFT, device=sound.device)
    heard = torch.stft(sound.flatten(0, 1), _N_FFT, _HOP, window=window, return_complex=True)
    heard = heard.view(*sound.shape[:2], *heard.shape[1:])  # [n, channels, bins, steps]
    way = (heard[..., 1:] * heard[..., :-1].conj()).sum(dim=1).angle()
    place = torch.arange(frames // _HOP + 1, device=sound.device) * rate[:, None]
    step = place.long().clamp_max(way.shape[-1] - 1)  # [n, steps of the output]
    part = (place - step).clamp_max(1)[:, None, None]
    here, following = _at(heard, step), _at(heard[..., 1:], step)
    size = torch.lerp(here.abs(), following.abs(), part)
    turned = _before(_at(way, step)) - _at(_before(way), step)
    turned = turned.gather(1, _nearest_peak(here.abs().sum(dim=1)))
    shown = torch.polar(size, here.angle() + turned[:, None])
    stretched: Tensor = torch.istft(shown.flatten(0, 1), _N_FFT, _HOP, window=window, length=frames)
    return stretched.view(*sound.shape[:2], frames)


def _at(values: Tensor, step: Tensor) -> Tensor:
    """``[n, ..., steps]`` at other steps for each: ``[n, ..., new steps]``."""
    index = step.view(len(step), *[1] * (values.ndim - 2), -1)
    return values.gather(-1, index.expand(*values.shape[:-1], -1))


def _nearest_peak(size: Tensor) -> Tensor:
    """For every bin, ``[n, bins, steps]``, the number of the peak it belongs to."""
    bins = size.shape[1]
    number = torch.arange(bins, device=size.device)[:, None]
    highest = functional.max_pool1d(size.transpose(1, 2), 5, stride=1, padding=2).transpose(1, 2)
    peak = size == highest
    below = torch.where(peak, number, -bins).cummax(dim=1).values
    above = torch.where(peak, number, 2 * bins).flip(1).cummin(dim=1).values.flip(1)
    return torch.where(number - below < above - number, below, above)


def _before(way: Tensor) -> Tensor:
    """How far the phases have come before each step."""
    return way.cumsum(dim=-1) - way


def _resampled(sound: Tensor, frames: int) -> Tensor:
    """Return all of the sound in another number of frames, limited to the band of both."""
    spectrum = torch.fft.rfft(sound)
    resampled: Tensor = torch.fft.irfft(spectrum * (frames / sound.shape[-1]), frames)
    return resampled
