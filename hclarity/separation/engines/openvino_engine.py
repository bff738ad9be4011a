"""The engine that is quickest on a CPU."""

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch

from hclarity.audio.values import Samples
from hclarity.nets.separation_net import SeparationNet, Stream
from hclarity.separation.allocator import few_arenas
from hclarity.separation.engines.conversion import CONVERSION, converted
from hclarity.separation.engines.engine import EngineName, Precision
from hclarity.separation.engines.kept_models import kept_model
from hclarity.separation.engines.openvino_door import openvino, openvino_core, openvino_lock
from hclarity.separation.engines.torch_engine import TorchEngine

__all__ = ["OpenVINOEngine", "has_bf16"]

_MOST_AT_ONCE = 2  # each takes a chunk's worth of memory


def has_bf16() -> bool:
    """Whether this CPU computes with bfloat16 itself."""
    return "BF16" in openvino_core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


class OpenVINOEngine:
    """Computes the core of a net by OpenVINO, two chunks at once.

    See `hclarity.separation.engines.engine.Engine`. The core is converted when the first chunk
    comes, and kept. Chunks of another length, as of a song that is shorter than one, are left to
    torch; so are all chunks of a net that OpenVINO cannot convert.

    Args:
        net: on the CPU, in evaluation mode.
        frames: of a chunk.
        precision: of the core.
        identity: of the net and its weights; another one is converted anew.
        folder: where converted models are kept.
        say: is told when a net is converted, which takes seconds, and when that cannot be done.
    """

    name: EngineName
    device = "cpu"

    def __init__(
        self,
        net: SeparationNet,
        *,
        frames: int,
        precision: Precision,
        identity: str,
        folder: Path,
        say: Callable[[str], None],
    ) -> None:
        self.name, self.precision, self.stems = "openvino", precision, len(net.traits.stems)
        self._net, self._frames = net, frames
        self._identity, self._folder, self._say = identity, folder, say
        self._torch = TorchEngine(net, precision=precision)
        self._threads = torch.get_num_threads()  # as many as torch itself would take
        self.at_once = min(_MOST_AT_ONCE, self._threads)
        few_arenas()  # before there are threads that get one each
        self._workers = ThreadPoolExecutor(
            self.at_once, "hclarity-net", initializer=torch.set_num_threads, initargs=(1,)
        )
        self._compiled: Any = None
        self._requests = threading.local()

    def submit(self, mixture: Samples) -> "Future[Samples]":
        """Begin with a chunk."""
        if mixture.shape[-1] == self._frames and self.name == "openvino":
            self._compile_once()
        if self._compiled is None or mixture.shape[-1] != self._frames:
            return self._torch.submit(mixture)
        return self._workers.submit(self._estimate, mixture)

    def stream(self) -> Stream | None:
        """As `SeparationNet.stream`."""
        return self._net.stream()

    def _compile_once(self) -> None:
        if self._compiled is None:
            try:
                self._compiled = self._compile()
            except Exception as error:  # whatever another package may raise of any net
                self._say(f"OpenVINO cannot compute this model, so torch does: {error!r:.200}")
                self.name = self._torch.name

    def _compile(self) -> Any:
        settings = {
            "INFERENCE_PRECISION_HINT": {"fp32": "f32", "bf16": "bf16"}[self.precision],
            "INFERENCE_NUM_THREADS": self._threads,
            "NUM_STREAMS": self.at_once,
        }
        words = (self._identity, str(self._frames), str(CONVERSION), openvino().__version__)
        name = hashlib.sha256("\n".join(words).encode()).hexdigest()[:32]
        with openvino_lock:
            model = kept_model(self._folder / name, self._converted)
            # What a tensor holds is asked for once before two threads do: if both are the first,
            # each may wait for the other, for ever.
            _ = openvino().Tensor(np.zeros(1, np.float32)).data
            return openvino_core().compile_model(model, "CPU", settings)

    def _converted(self) -> Any:
        self._say("converting the model for OpenVINO, which is kept for the next time")
        silence = torch.zeros(1, self._net.traits.channels, self._frames)
        with torch.no_grad():
            return converted(self._net, self._net.encode(silence).inputs)

    @torch.inference_mode()
    def _estimate(self, mixture: Samples) -> Samples:
        heard = self._net.encode(torch.from_numpy(mixture))
        request = self._request()
        request.infer([np.ascontiguousarray(given.numpy()) for given in heard.inputs])
        said = [torch.from_numpy(output.data) for output in request.output_tensors]
        estimates: Samples = self._net.decode(said, heard).numpy()
        return estimates

    def _request(self) -> Any:
        """The one of this thread: it holds the memory in which a chunk is computed."""
        if not hasattr(self._requests, "own"):
            self._requests.own = self._compiled.create_infer_request()
        return self._requests.own
