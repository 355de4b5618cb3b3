"""How models run that are the same on every machine and start at once: torch in float32, nothing converted."""

from typing import Any, Final

PLAIN: Final[dict[str, Any]] = {"device": "cpu", "backend": "torch", "precision": "float32"}
"""Arguments of `Encoder.load`."""

PLAIN_MODELS: Final = {f"SHOPSTREAM_MODELS__{name.upper()}": value for name, value in PLAIN.items()}
"""The same for a command, by its environment."""
