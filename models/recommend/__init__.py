"""Recommendations: what goes with what, what a user is after, and one ranking with reasons. Loads no torch."""

from models.recommend.associations import Associations
from models.recommend.history import Action, ActionKind, History, Standing, Standings
from models.recommend.index import ProductIndex
from models.recommend.profile import interest
from models.recommend.projection import Projection, load_projection
from models.recommend.recommender import Candidates, Recommender

__all__ = [
    "Action",
    "ActionKind",
    "Associations",
    "Candidates",
    "History",
    "ProductIndex",
    "Projection",
    "Recommender",
    "Standing",
    "Standings",
    "interest",
    "load_projection",
]
