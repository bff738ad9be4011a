"""Transposed convolutions as plain ones, which CPUs have quicker programs for.

A transposed convolution of stride s and 2 s taps gives every s samples the sum of two products, of
this input and the one before. A plain convolution of two taps gives all s at once, as so many more
channels; dealt out in turn, they are the samples. Source: W. Shi et al., "Is the deconvolution
layer the same as a convolutional layer?", arXiv 1609.07009 (sub-pixel convolution).
"""

from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["SubPixel", "sub_pixel"]


def sub_pixel(layer: nn.Module) -> "SubPixel | None":
    """Return what says the same as a layer, if that is a transposed convolution of this kind."""
    if not isinstance(layer, nn.ConvTranspose1d | nn.ConvTranspose2d):
        return None
    stride, taps = layer.stride[0], layer.kernel_size[0]
    along_one_axis = {*layer.stride[1:], *layer.kernel_size[1:], *layer.dilation} == {1}
    plain = layer.groups == 1 and not any((*layer.padding, *layer.output_padding))
    if taps != 2 * stride or not along_one_axis or not plain or layer.bias is None:
        return None
    return SubPixel(layer.weight.detach(), layer.bias.detach())


class SubPixel(nn.Module):
    """Says what a transposed convolution says.

    Args:
        weight: of that, ``[heard, said, 2 * stride]``, or with a fourth axis of length 1.
        bias: ``[said]``.
    """

    kernel: Tensor
    bias: Tensor

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        super().__init__()
        heard, said, taps, *rest = weight.shape
        self._stride = taps // 2
        # [2, stride]: the first half of the taps is for this input, the second for the one before.
        halves = weight.view(heard, said, 2, self._stride, *rest).flip(2)
        kernel = halves.movedim((3, 1, 0, 2), (0, 1, 2, 3)).flatten(0, 1)
        # An image of one column if it is one of one row: that lies in memory alike.
        self._is_image = bool(rest)
        self.register_buffer("kernel", kernel.reshape(*kernel.shape[:2], *self._along(2, 1)))
        self.register_buffer("bias", bias.repeat(self._stride))

    def forward(self, heard: Tensor) -> Tensor:
        """``[batch, heard, frames, ...] -> [batch, said, (frames + 1) * stride, ...]``."""
        if not self._is_image:
            return self._dealt(heard.unsqueeze(2)).squeeze(2)
        return self._dealt(heard)

    def _along(self, frames: int, others: int) -> tuple[int, int]:
        """The two axes of an image, of which frames are the first, or of a sound, the second."""
        return (frames, others) if self._is_image else (others, frames)

    def _dealt(self, heard: Tensor) -> Tensor:
        """Deal in the order in which the channels of a place lie beside each other in memory."""
        said = F.conv2d(heard, self.kernel, self.bias, padding=self._along(1, 0))
        batch, channels, rows, columns = said.shape
        places = said.permute(0, 2, 3, 1)
        fewer = channels // self._stride
        if self._is_image:
            dealt = places.reshape(batch * rows, columns, self._stride, fewer).transpose(1, 2)
            dealt = dealt.reshape(batch, rows * self._stride, columns, fewer)
        else:
            dealt = places.reshape(batch, rows, columns * self._stride, fewer)
        return dealt.permute(0, 3, 1, 2)
