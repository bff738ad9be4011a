"""Where a training computes: one process or several, on the devices there are, through Fabric."""

import logging
import os
from collections.abc import Sequence
from typing import Any, cast

import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins.precision import MixedPrecision, Precision
from lightning_fabric.strategies.ddp import DDPStrategy
from torch import Tensor

from hclarity.errors import UsageError
from hclarity.separation.devices import Device, choose_device

__all__ = ["Fabric", "device_count", "readers", "start_processes", "summed"]

_MOST_READERS = 8
_MIXED = {"bf16": "bf16-mixed", "fp16": "16-mixed"}


logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # it greets, by default


class _Autocast(MixedPrecision):
    """Mixed precision that leaves the mixture as it is: nets make their spectra of it in fp32."""

    def convert_input(self, data: Any) -> Any:
        return data


def start_processes(device: Device, devices: int, precision: str) -> Fabric:
    """Return the Fabric of this process, started.

    Under ``torchrun`` all that it started take part. Otherwise, for several devices, the program is
    run again for each of the others.

    Args:
        device: as `choose_device` takes it.
        devices: how many, on this machine.
        precision: of the recipe.

    Raises:
        UnavailableError: when this machine lacks the device.
        UsageError: when it has not as many.
    """
    chosen = choose_device(device)
    nodes = 1
    if "TORCHELASTIC_RUN_ID" in os.environ:
        devices = int(os.environ["LOCAL_WORLD_SIZE"])
        nodes = int(os.environ["WORLD_SIZE"]) // devices
    if chosen == "cuda" and devices > torch.cuda.device_count():
        raise UsageError(f"{devices} devices are asked for, there are {torch.cuda.device_count()}")
    several = devices * nodes > 1
    fabric = Fabric(
        accelerator=chosen,
        devices=devices,
        num_nodes=nodes,
        strategy=DDPStrategy() if several else "auto",
        plugins=[_precision(precision, chosen)],
    )
    fabric.launch()
    return fabric


def device_count(wanted: str) -> int:
    """Return how many devices ``--devices`` means: a number, or ``auto`` for all GPUs.

    Raises:
        UsageError: for anything else.
    """
    if wanted == "auto":
        return max(1, torch.cuda.device_count())
    if not wanted.isdecimal() or int(wanted) < 1:
        raise UsageError(f"--devices must be auto or a number from 1, got {wanted!r}")
    return int(wanted)


def summed(fabric: Fabric, numbers: Sequence[float]) -> list[float]:
    """Return the sums of all processes' numbers."""
    if fabric.world_size == 1:
        return list(numbers)
    own = torch.tensor(numbers, dtype=torch.float64, device=fabric.device)
    return cast("Tensor", fabric.all_reduce(own, reduce_op="sum")).tolist()


def readers(fabric: Fabric) -> int:
    """Return how many processes shall read for one that learns: few where they share its cores."""
    if fabric.device.type != "cuda":
        return 1
    cores = os.cpu_count() or 1
    return max(1, min(_MOST_READERS, cores // fabric.world_size - 1))


def _precision(name: str, device: str) -> Precision:
    return _Autocast(_MIXED[name], device) if name in _MIXED else Precision()  # type: ignore[arg-type]
