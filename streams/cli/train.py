"""`shopstream train`: models on a shop's own data."""

import click

from streams.cli.train_pii import pii
from streams.cli.train_recommend import recommend
from streams.cli.train_reviews import reviews
from streams.cli.train_search import search
from streams.cli.train_support import support


@click.group()
def train() -> None:
    """Train a model on a shop's own data; the folder that it writes is what workers run."""


for _command in (reviews, support, pii, search, recommend):
    train.add_command(_command)
