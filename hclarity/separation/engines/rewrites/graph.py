"""Words for the graph of an OpenVINO model."""

from typing import Any

import numpy as np
import numpy.typing as npt

from hclarity.separation.engines.openvino_door import openvino

__all__ = ["constant", "fold_constants", "integers", "replace", "shape_of", "source", "value"]


def shape_of(output: Any) -> list[int]:
    """The shape of what a node says; all are known."""
    return list(output.get_shape())


def source(node: Any, number: int = 0) -> Any:
    """The node that an input comes from."""
    return node.input_value(number).get_node()


def value(output: Any) -> npt.NDArray[Any] | None:
    """What a constant holds; None of all else."""
    node = output.get_node()
    return np.asarray(node.data) if node.get_type_name() == "Constant" else None


def constant(numbers: npt.NDArray[Any]) -> Any:
    """A constant."""
    openvino()
    from openvino import opset13 as operations

    return operations.constant(np.ascontiguousarray(numbers))


def integers(*numbers: int) -> Any:
    """A constant for axes, orders and shapes."""
    return constant(np.array(numbers, np.int64))


def replace(before: Any, after: Any) -> None:
    """Let all who hear one output hear another instead."""
    for heard in list(before.get_target_inputs()):
        heard.replace_source_output(after)


def fold_constants(model: Any) -> None:
    """Compute what depends on no input: with known shapes, most of a graph of TorchScript."""
    openvino()
    from openvino.passes import ConstantFolding, Manager

    for node in model.get_ordered_ops():
        if node.get_type_name() == "ConvertLike":  # of the type of something else, which is known
            numbers = value(node.input_value(0))
            if numbers is not None:
                kind = node.output(0).get_element_type().to_dtype()
                replace(node.output(0), constant(numbers.astype(kind)).output(0))
    folding = Manager()
    folding.register_pass(ConstantFolding())
    folding.run_passes(model)
