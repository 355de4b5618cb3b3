"""The agents: one file for each input topic, and the table of them.

A new one is a file here and a line below.
"""

from streams.agents.catalog import index_catalogue
from streams.agents.erasures import forget_users
from streams.agents.interactions import note_interactions
from streams.agents.queries import answer_queries
from streams.agents.resolutions import remember_resolutions
from streams.agents.reviews import understand_reviews
from streams.agents.support_tickets import reply_to_tickets
from streams.agents.user_changes import recommend
from streams.delivery.stage import AnyStage

STAGES: tuple[AnyStage, ...] = (
    index_catalogue,
    answer_queries,
    note_interactions,
    understand_reviews,
    reply_to_tickets,
    remember_resolutions,
    forget_users,
    recommend,
)
