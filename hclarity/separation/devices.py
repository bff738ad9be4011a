"""Where a net computes."""

from typing import Literal

import torch

from hclarity.errors import UnavailableError

__all__ = ["Device", "choose_device"]

Device = Literal["auto", "cpu", "cuda", "mps"]


def choose_device(wanted: Device = "auto") -> Literal["cpu", "cuda", "mps"]:
    """Return the device to compute on.

    ``auto`` is CUDA where there is one, else the CPU. Apple's MPS must be asked for by name: users
    of Hybrid Demucs report it to be many times slower than the CPU.

    Raises:
        UnavailableError: when this machine lacks the device asked for.
    """
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    if wanted == "auto":
        return "cuda" if cuda else "cpu"
    if (wanted == "cuda" and not cuda) or (wanted == "mps" and not mps):
        raise UnavailableError(
            f"no {wanted} device here (or this torch, {torch.__version__}, is built without it);"
            " use cpu or auto"
        )
    return wanted
