"""Augmentations at work: what was drawn for the items of a batch, done to all of them at once."""

from collections.abc import Mapping

import torch
from torch import Tensor

from hclarity.training.augmentations import Augmentation
from hclarity.training.repitching import repitched

__all__ = ["augmented"]

_SILENCE = 1e-4  # a mixture below this deviation or peak is not brought up


def augmented(
    stems: Tensor,
    drawn: Mapping[str, Tensor],
    augmentation: Augmentation,
    *,
    sample_rate: int,
    frames: int,
) -> Tensor:
    """Return the stems of a batch with all that was drawn for its items done to them.

    Args:
        stems: ``[batch, stems, channels, frames_read]``, on any device: all that the mixture is
            the sum of.
        drawn: what `draw` returned, each ``[batch, ...]``, on the same device.
        augmentation: what it was drawn by.
        sample_rate: in Hz.
        frames: of the items.

    Returns:
        ``[batch, stems, channels, frames]`` float32.
    """
    with torch.autocast(stems.device.type, enabled=False):
        sound = stems.float()
        if "tempo" in drawn:
            sound = repitched(sound, drawn["semitones"], drawn["tempo"], frames)
        sound = sound[..., :frames]
        if "mono" in drawn:
            sound = torch.where(_wide(drawn["mono"]), sound.mean(2, keepdim=True), sound)
        if "bells" in drawn:
            sound = _coloured(sound, drawn["bells"], sample_rate)
        if "swap" in drawn:
            sound = torch.where(_wide(drawn["swap"]), sound.flip(2), sound)
        if "gain" in drawn:
            sound = sound * _wide(drawn["gain"])
        return sound / _level(sound.sum(dim=1), augmentation.level)


def _wide(drawn: Tensor) -> Tensor:
    """``[batch, stems]`` for all channels and frames."""
    return drawn[..., None, None]


def _coloured(sound: Tensor, bells: Tensor, sample_rate: int) -> Tensor:
    """Equalise each stem by its bells ``[batch, stems, bells, 3]``, and keep its level."""
    frames = sound.shape[-1]
    hertz = torch.linspace(1, sample_rate / 2, frames // 2 + 1, device=sound.device)
    octaves = hertz.log2()
    decibels = torch.zeros((), device=sound.device)
    for centre, width, gain in (bell.unbind(-1) for bell in bells.float().unbind(2)):
        away = (octaves - centre[..., None]) / width[..., None]
        decibels = decibels + gain[..., None] * torch.exp(-0.5 * away.square())
    response = torch.pow(10, decibels / 20)[:, :, None]
    coloured: Tensor = torch.fft.irfft(torch.fft.rfft(sound) * response, frames)
    return coloured * (_energy(sound) / _energy(coloured).clamp_min(1e-12)).sqrt()


def _energy(sound: Tensor) -> Tensor:
    return sound.square().mean(dim=(2, 3), keepdim=True)


def _level(mixture: Tensor, level: str) -> Tensor:
    """What a mixture ``[batch, channels, frames]`` and its stems are divided by, for these."""
    match level:
        case "deviation":
            found = mixture.flatten(1).std(dim=1, correction=0)
        case "peak":
            found = mixture.flatten(1).abs().amax(dim=1)
        case _:
            found = mixture.new_ones(len(mixture))
    return torch.where(found > _SILENCE, found, 1.0)[:, None, None, None]
