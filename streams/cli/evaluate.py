"""`shopstream evaluate`: how good the services are on judged data, by the very stages that the agents run."""

import click

from streams.cli.evaluation_pii import pii
from streams.cli.evaluation_recommend import recommend
from streams.cli.evaluation_search import search
from streams.cli.evaluation_support import support


@click.group()
def evaluate() -> None:
    """Measure search, recommendations, support and privacy on data with known answers."""


for _command in (search, recommend, support, pii):
    evaluate.add_command(_command)
