"""`shopstream tail`: what a topic holds, as it comes."""

from contextlib import aclosing
from typing import Any

import click
from aiokafka import ConsumerRecord

from streams.cli.output import print_json
from streams.cli.rendering import block, document, readable
from streams.cli.session import BAD_DATA, load_settings, run
from streams.client.connection import joined
from streams.client.reader import TopicReader
from streams.contracts.topics import TOPICS, Topic
from streams.settings import Settings

PERSONAL = (
    "{topic} holds customers' personal data in plaintext, as the shop produced it. With --plaintext its"
    " records are read, and printed without what people wrote and without user ids: a terminal's scroll-back"
    " and a log file outlive every retention and every erasure."
)


@click.command()
@click.argument("topic", type=click.Choice(list(TOPICS)))
@click.option("--from-beginning", is_flag=True, help="Start with the oldest record, not with the next one.")
@click.option("--max", "most", type=click.IntRange(min=1), help="Stop after so many records.")
@click.option(
    "--until-caught-up", is_flag=True, help="Stop at the end as it is now; implies --from-beginning."
)
@click.option(
    "--plaintext", is_flag=True, help="Allow a topic that holds personal data; its texts print as ***."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def tail(
    *,
    topic: str,
    from_beginning: bool,
    most: int | None,
    until_caught_up: bool,
    plaintext: bool,
    as_json: bool,
) -> None:
    """Print the records of a topic; committed ones only. Ctrl-C ends it.

    Results hold masked text only and are printed whole, sealed originals by name. Input topics hold personal
    data in plaintext: those are refused without --plaintext, and even then what people wrote and user ids
    print as ***.

    Exit codes: 0 ended or interrupted; 1 some records could not be read, or reading broke off; 2 wrong usage;
    78 the settings are not valid, or there is no broker or topic where they point.
    """
    table = TOPICS[topic]
    if table.personal and not plaintext:
        raise click.UsageError(PERSONAL.format(topic=topic))
    printer = Printer(table, most, as_json=as_json)
    work = _tail(
        load_settings(), table, printer, from_beginning=from_beginning, until_caught_up=until_caught_up
    )
    try:
        run(work)
    except KeyboardInterrupt:
        click.echo(err=True)
    if printer.unreadable:
        raise SystemExit(BAD_DATA)


class Printer:
    """Prints records and counts them.

    Args:
        topic: whose records.
        most: how many at most; None is all.
        as_json: as JSON or for people.
    """

    def __init__(self, topic: Topic[Any], most: int | None, *, as_json: bool) -> None:
        self.printed = 0
        self.unreadable = 0
        self._topic = topic
        self._most = most
        self._as_json = as_json

    @property
    def enough(self) -> bool:
        """Whether as many were printed as were asked for."""
        return self._most is not None and self.printed >= self._most

    def show(self, record: ConsumerRecord) -> None:
        """Prints one record; of one that can't be read, its place and the reason, on standard error."""
        value = readable(self._topic, record)
        if isinstance(value, str):
            self.unreadable += 1
            click.echo(f"{record.topic}/{record.partition}/{record.offset}: {value}", err=True)
            return
        self.printed += 1
        if self._as_json:
            print_json(document(self._topic, record, value), indent=False)
        else:
            click.echo(block(self._topic, record, value))


async def _tail(
    settings: Settings, topic: Topic[Any], printer: Printer, *, from_beginning: bool, until_caught_up: bool
) -> None:
    async with TopicReader(await joined(settings), [topic.name]) as reader:
        await (reader.to_beginning() if from_beginning or until_caught_up else reader.to_end())
        async with aclosing(reader.until_caught_up() if until_caught_up else reader.forever()) as batches:
            async for records in batches:
                for record in records:
                    printer.show(record)
                    if printer.enough:
                        return
