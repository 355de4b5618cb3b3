"""All models of a process behind one scheduler: texts to vectors, pairs to scores, texts to classes, spans or texts.

Nothing here imports a library that computes until a model is loaded.
"""

from models.engine.backend import Vectors
from models.engine.encoder import Encoder
from models.engine.engine import Engine
from models.engine.loading import load_model
from models.engine.model import LoadedModel
from models.engine.requests import Priority
from models.engine.spans import Span
from models.engine.vector_cache import Caching, VectorStore

__all__ = [
    "Caching",
    "Encoder",
    "Engine",
    "LoadedModel",
    "Priority",
    "Span",
    "VectorStore",
    "Vectors",
    "load_model",
]
