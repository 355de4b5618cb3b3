"""`shopstream evaluate`: how good the services are on judged data, by the very stages that the agents run."""

import click

from streams.cli.evaluation_intent import intent
from streams.cli.evaluation_pii import pii
from streams.cli.evaluation_recommend import recommend
from streams.cli.evaluation_reviews import aspects, reviews
from streams.cli.evaluation_search import search
from streams.cli.evaluation_support import support


@click.group()
def evaluate() -> None:
    """Measure reviews, search, recommendations, support and privacy on data with known answers."""


for _command in (reviews, aspects, search, recommend, support, intent, pii):
    evaluate.add_command(_command)
