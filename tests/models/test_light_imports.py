import subprocess
import sys

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
)
HEAVY = ("torch", "transformers", "tokenizers", "sentencepiece", "sklearn", "huggingface_hub")


def test_importing_the_rooms_loads_no_heavy_library() -> None:
    program = f"import sys, {', '.join(ROOMS)}; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
