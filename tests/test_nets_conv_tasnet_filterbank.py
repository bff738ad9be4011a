"""What a Conv-TasNet's filterbank may begin as."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hclarity.nets.conv_tasnet import conv_tasnet
from hclarity.nets.conv_tasnet_filterbank import sinusoidal_filterbank

FORM = {"sample_rate": 44100, "channels": 2}


@given(count=st.integers(8, 60), channels=st.sampled_from([1, 2]), half=st.integers(16, 400))
@settings(deadline=None, max_examples=30)
def test_every_waveform_has_its_opposite_and_unit_energy(
    count: int, channels: int, half: int
) -> None:
    waveforms = sinusoidal_filterbank(4 * count, channels, 2 * half, 44100)
    assert waveforms.shape == (4 * count, channels, 2 * half)
    energy = waveforms.square().sum(dim=(1, 2))
    torch.testing.assert_close(energy, torch.ones_like(energy))
    by_phase = waveforms.unflatten(0, (-1, 4))
    torch.testing.assert_close(by_phase[:, 0], -by_phase[:, 2], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(by_phase[:, 1], -by_phase[:, 3], atol=1e-5, rtol=1e-4)


def test_frequencies_rise_and_reach_what_hearing_does() -> None:
    waveforms = sinusoidal_filterbank(256, 1, 1024, 44100)[::4, 0]
    spectra = torch.fft.rfft(waveforms, 8192).abs()
    peaks = spectra.argmax(dim=1) * 44100 / 8192
    assert (peaks.diff() >= 0).all()
    assert peaks[0] < 60
    assert 14_000 < peaks[-1] < 17_000


def test_a_net_that_begins_so_knows_the_mixture_at_once() -> None:
    """Its encoder and decoder alone give most of a sound back; random ones give none."""
    time = torch.arange(22050) / 44100
    tone = torch.sin(2 * torch.pi * 440 * time) + 0.3 * torch.sin(2 * torch.pi * 1320 * time)
    mixture = torch.stack([tone, 0.5 * tone])[None]

    def kept(filterbank: str) -> float:
        torch.manual_seed(0)
        sizes = {"N": 512, "L": 512, "B": 4, "H": 4, "X": 1, "R": 1}
        net = conv_tasnet(["all"], **FORM, **sizes, filterbank=filterbank)  # type: ignore[arg-type]
        with torch.no_grad():
            encoded = net.encoder(mixture)
            back = net.decoder(encoded, torch.ones(1, 1, *encoded.shape[1:]))[0, 0]
        wave = mixture[0, :, : back.shape[-1]]
        return float((wave * back).sum() / (wave.norm() * back.norm()))

    assert kept("sinusoids") > 0.8
    assert abs(kept("random")) < 0.3


def test_stems_sum_to_the_mixture_if_asked() -> None:
    torch.manual_seed(0)
    sizes = {"N": 32, "L": 64, "B": 4, "H": 4, "X": 1, "R": 1}
    net = conv_tasnet(["a", "b"], **FORM, **sizes, mixture_consistency=True)  # type: ignore[arg-type]
    mixture = torch.randn(1, 2, 1000)
    with torch.no_grad():
        torch.testing.assert_close(net(mixture).sum(dim=1), mixture, atol=1e-5, rtol=0)


@pytest.mark.parametrize(("N", "channels"), [(33, 2), (16, 2), (64, 3)])
def test_refuses_what_no_filterbank_can_be(N: int, channels: int) -> None:
    with pytest.raises(ValueError, match="filterbank of sinusoids needs"):
        sinusoidal_filterbank(N, channels, 64, 44100)


def test_refuses_an_unknown_filterbank() -> None:
    with pytest.raises(ValueError, match="random or sinusoids, got 'gammatone'"):
        conv_tasnet(["a"], **FORM, filterbank="gammatone")  # type: ignore[arg-type]
