"""`shopstream contracts`: the contracts as documents for other languages and tools."""

import click
import orjson

from streams.cli.session import load_settings
from streams.contracts.topics import TOPICS


@click.group()
def contracts() -> None:
    """Print JSON Schema and AsyncAPI documents."""


@contracts.command()
@click.argument("topic", type=click.Choice(list(TOPICS)))
def schema(topic: str) -> None:
    """Print the JSON Schema (2020-12) of a topic's values."""
    from streams.contracts.schemas import json_schema

    _print(json_schema(TOPICS[topic]))


@contracts.command()
def asyncapi() -> None:
    """Print the AsyncAPI 3.0 document of all topics, with the settings' prefix, partitions and replicas."""
    from streams.contracts.asyncapi import asyncapi_document

    kafka = load_settings().kafka
    _print(
        asyncapi_document(
            prefix=kafka.topic_prefix, partitions=kafka.partitions, replicas=kafka.replication_factor
        )
    )


@contracts.command()
@click.argument("topic", type=click.Choice(list(TOPICS)))
def example(topic: str) -> None:
    """Print an example of a topic's values on one line, as `shopstream produce` and `validate` read it."""
    from streams.contracts.examples import example_document

    click.echo(orjson.dumps(example_document(topic)).decode())


def _print(document: object) -> None:
    click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())
