"""Texts to vectors: batching, backends, and the engine that runs them off the event loop.

Nothing here imports torch until `Engine.load` is called.
"""

from models.engine.backend import Backend, TokenList, Vectors
from models.engine.engine import Engine

__all__ = ["Backend", "Engine", "TokenList", "Vectors"]
