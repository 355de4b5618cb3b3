import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.models.tiny_folders import tiny_folder

ROOMS = (
    "models",
    "models.catalogue",
    "models.conversion",
    "models.engine",
    "models.evaluation.recommend",
    "models.evaluation.search",
    "models.evaluation.support",
    "models.recommend",
    "models.retrieval",
    "models.reviews",
    "models.search",
    "models.sources",
    "models.support",
    "models.training",
    "models.training.review_data",
    "streams.agents",
    "streams.cli.evaluation_recommend",
    "streams.cli.evaluation_search",
    "streams.cli.evaluation_support",
    "streams.cli.train",
    "streams.house",
)
HEAVY = (
    "huggingface_hub",
    "nncf",
    "onnx",
    "openvino",
    "sentencepiece",
    "sklearn",
    "tokenizers",
    "torch",
    "transformers",
)


def test_importing_the_rooms_loads_no_heavy_library() -> None:
    program = f"import sys, {', '.join(ROOMS)}; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_worker_whose_models_run_on_openvino_imports_nothing_else_that_computes(tmp_path: Path) -> None:
    """Torch alone would cost a worker seconds at its start, and 200 MB."""
    pytest.importorskip("openvino")
    program = (
        "import sys, streams.house\n"
        "from models.engine import load_model\n"
        f"load_model('m', 'path:{tiny_folder(tmp_path, 'embed')}', backend='openvino', precision='float32')\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    environment = os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, env=environment
    )
    assert done.stdout.strip() == "['openvino', 'tokenizers']", done.stderr
