"""Read a BERT's weights out of an ONNX file that `onnxruntime.quantization.quantize_dynamic` made, as float32.

onnxruntime (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html) replaces a tensor X by
`X_quantized` (8 bits), `X_scale` and `X_zero_point`, each of the two a single number or one for each output:
X = (quantized - zero point) * scale. Embedding tables keep the names that PyTorch gave them. A linear layer became
`MatMulInteger`, whose node is called after the layer, `/encoder/layer.0/output/dense/MatMul_quant`, and whose weight
is [in, out]. Biases and LayerNorms are float32 under their own names.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from models.errors import WeightsUnusable

if TYPE_CHECKING:
    from onnx import NodeProto

Weights: TypeAlias = dict[str, npt.NDArray[np.float32]]

_LAYER = re.compile(r"/(.+)/(?:Gemm_)?MatMul_quant")
_PARAMETER = (".weight", ".bias")


def read_int8_weights(path: Path) -> Weights:
    """All parameters, by the names that PyTorch gave them; linear layers as [out, in].

    Raises:
        WeightsUnusable: the file is no ONNX of this kind, or damaged.
    """
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped] # ships no types

    try:
        graph = onnx.load(path).graph
        tensors = {one.name: onnx.numpy_helper.to_array(one) for one in graph.initializer}
        weights = {name: values for name, values in tensors.items() if _is_parameter(name, values)}
        weights.update(_dequantised(graph.node, tensors))
    except (DecodeError, KeyError, ValueError, TypeError) as error:
        raise WeightsUnusable(f"{path.name} is no int8 ONNX of onnxruntime, or damaged: {error}") from error
    for name, values in weights.items():
        if not np.isfinite(values).all():
            raise WeightsUnusable(f"{name} of {path.name} is damaged: it is not finite")
    return weights


def _is_parameter(name: str, values: npt.NDArray[Any]) -> bool:
    return name.endswith(_PARAMETER) and values.dtype == np.float32


def _dequantised(
    nodes: Iterable["NodeProto"], tensors: Mapping[str, npt.NDArray[Any]]
) -> Iterator[tuple[str, npt.NDArray[np.float32]]]:
    for node in nodes:
        if node.op_type == "DequantizeLinear":  # of rows that were looked up in a table
            name = node.input[1].removesuffix("_scale")
            yield name, _values(name, tensors)
        elif node.op_type == "MatMulInteger":
            layer = _LAYER.fullmatch(node.name)
            if layer is None:
                raise ValueError(f"the node {node.name} is not called after a layer")
            weight = _values(node.input[1].removesuffix("_quantized"), tensors)
            yield f"{layer[1].replace('/', '.')}.weight", np.ascontiguousarray(weight.T)


def _values(name: str, tensors: Mapping[str, npt.NDArray[Any]]) -> npt.NDArray[np.float32]:
    quantized, scale = tensors[f"{name}_quantized"], tensors[f"{name}_scale"]
    steps = quantized.astype(np.int32) - tensors[f"{name}_zero_point"].astype(np.int32)
    return steps.astype(np.float32) * scale.astype(np.float32)
