"""Names, addresses, places and organisations in texts: what patterns can't find, by a token classifier."""

from models.pii.tagger import TextTagger

__all__ = ["TextTagger"]
