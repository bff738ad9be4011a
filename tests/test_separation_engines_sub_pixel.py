import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from hclarity.separation.engines.sub_pixel import SubPixel, sub_pixel


@settings(deadline=None, max_examples=60)
@given(
    heard=st.integers(1, 5),
    said=st.integers(1, 5),
    stride=st.integers(1, 6),
    items=st.integers(1, 3),
    frames=st.integers(1, 20),
    others=st.none() | st.integers(1, 4),
)
def test_says_what_the_transposed_convolution_says(
    heard: int, said: int, stride: int, items: int, frames: int, others: int | None
) -> None:
    torch.manual_seed(heard + 10 * said + 100 * stride)
    layer: nn.Module
    if others is None:
        layer = nn.ConvTranspose1d(heard, said, 2 * stride, stride)
        mixture = torch.randn(items, heard, frames)
    else:
        layer = nn.ConvTranspose2d(heard, said, (2 * stride, 1), (stride, 1))
        mixture = torch.randn(items, heard, frames, others)
    plain = sub_pixel(layer)
    assert isinstance(plain, SubPixel)
    with torch.inference_mode():
        torch.testing.assert_close(plain(mixture), layer(mixture), rtol=1e-4, atol=1e-5)


OTHER_LAYERS = {
    "of another kind": nn.Conv1d(2, 3, 8, 4),
    "taps that are not two strides": nn.ConvTranspose1d(2, 3, 7, 4),
    "three strides of taps": nn.ConvTranspose1d(2, 3, 12, 4),
    "no bias": nn.ConvTranspose1d(2, 3, 8, 4, bias=False),
    "groups": nn.ConvTranspose1d(2, 4, 8, 4, groups=2),
    "dilation": nn.ConvTranspose1d(2, 3, 8, 4, dilation=2),
    "padding": nn.ConvTranspose1d(2, 3, 8, 4, padding=2),
    "output padding": nn.ConvTranspose1d(2, 3, 8, 4, output_padding=1),
    "taps along both axes": nn.ConvTranspose2d(2, 3, (8, 3), (4, 1)),
    "strides along both axes": nn.ConvTranspose2d(2, 3, (8, 1), (4, 2)),
    "along the other axis": nn.ConvTranspose2d(2, 3, (1, 8), (1, 4)),
    "padding along the other axis": nn.ConvTranspose2d(2, 3, (8, 1), (4, 1), padding=(0, 1)),
    "dilation along the other axis": nn.ConvTranspose2d(2, 3, (8, 1), (4, 1), dilation=(1, 2)),
    "three axes": nn.ConvTranspose3d(2, 3, (8, 1, 1), (4, 1, 1)),
}


@pytest.mark.parametrize("layer", OTHER_LAYERS.values(), ids=OTHER_LAYERS)
def test_stands_for_no_other_layer(layer: nn.Module) -> None:
    assert sub_pixel(layer) is None
