"""The agents: one file for each input topic, and the table of them.

A new one is a file here and a line below.
"""

from streams.agents.reviews import understand_reviews
from streams.delivery.stage import AnyStage

STAGES: tuple[AnyStage, ...] = (understand_reviews,)
