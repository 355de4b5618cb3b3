"""Find things by what they mean: queries and passages in one vector space. Loads no torch until an encoder is."""

from models.retrieval.encoder import TextEncoder

__all__ = ["TextEncoder"]
