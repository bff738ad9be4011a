"""The engine that is everywhere."""

from concurrent.futures import Future

import torch

from hclarity.audio.values import Samples
from hclarity.nets.separation_net import SeparationNet, Stream
from hclarity.separation.engines.engine import EngineName, Precision

__all__ = ["TorchEngine"]


class TorchEngine:
    """Computes a net as it is; see `hclarity.separation.engines.engine.Engine`.

    Threads are as torch has been told.

    Args:
        net: in evaluation mode; it is moved to ``device``.
        device: as `choose_device` names it.
        precision: ``bf16`` lets torch choose which layers get it (autocast).
    """

    name: EngineName = "torch"
    at_once = 1

    def __init__(
        self, net: SeparationNet, *, device: str = "cpu", precision: Precision = "fp32"
    ) -> None:
        self._net = net.to(device)
        self.device, self.precision, self.stems = device, precision, len(net.traits.stems)

    def submit(self, mixture: Samples) -> "Future[Samples]":
        """Compute the stems of a chunk, now."""
        done: Future[Samples] = Future()
        done.set_result(self._estimate(mixture))
        return done

    def stream(self) -> Stream | None:
        """As `SeparationNet.stream`."""
        return self._net.stream()

    @torch.inference_mode()
    def _estimate(self, mixture: Samples) -> Samples:
        heard = self._net.encode(torch.from_numpy(mixture).to(self.device))
        half = self.precision == "bf16"
        with torch.autocast(self.device, torch.bfloat16, enabled=half):
            said = self._net.core(*heard.inputs)
        stems = self._net.decode([part.float() for part in said], heard)
        estimates: Samples = stems.cpu().numpy()
        return estimates
