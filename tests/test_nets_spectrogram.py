import pytest
import torch

from hclarity.nets.spectrogram import long_enough, overlapped, spectra, waveforms


def sound(*shape: int) -> torch.Tensor:
    return torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("hop", [16, 13])
@pytest.mark.parametrize("frames", [33, 64, 65, 1000])
def test_spectra_say_all_of_a_sound(frames, hop):
    heard = sound(2, 3, frames)
    seen = spectra(heard, 64, hop)
    assert seen.shape == (2, 3, 1 + frames // hop, 33)
    assert torch.allclose(waveforms(seen, 64, hop, frames), heard, atol=1e-12)


@pytest.mark.parametrize("hop", [16, 13])
@pytest.mark.parametrize("frames", [65, 1000])
def test_the_way_back_is_that_of_torch(frames, hop):
    """Of any spectra, those of no sound too."""
    seen = torch.complex(sound(3, 1 + frames // hop, 33), sound(3, 1 + frames // hop, 33) + 1)
    window = torch.hann_window(64, dtype=torch.float64)
    theirs = torch.istft(seen.mT, 64, hop, window=window, length=frames)
    assert torch.allclose(waveforms(seen, 64, hop, frames), theirs, atol=1e-12)


def test_steps_are_added_where_they_overlap():
    impulses = torch.ones(2, 33, dtype=torch.complex128)  # of each step, at its first sample
    added = overlapped(impulses.roll(1, 0) * torch.tensor([[0.0], [1.0]]), 64, 16)
    assert added.shape == (16 + 64,)
    assert added.abs().max() < 1e-12  # where the window is 0


def test_short_sound_is_made_long_enough_to_mirror():
    assert long_enough(sound(2, 5), 64).shape == (2, 33)
    assert long_enough(sound(2, 50), 64).shape == (2, 50)
