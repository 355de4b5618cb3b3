import subprocess
import sys

ROOMS = (
    "models",
    "models.engine",
    "models.reviews",
    "models.training",
    "models.training.review_data",
    "streams.cli.train",
)
HEAVY = ("torch", "transformers", "tokenizers", "sklearn", "huggingface_hub")


def test_importing_the_rooms_loads_no_heavy_library() -> None:
    program = f"import sys, {', '.join(ROOMS)}; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
