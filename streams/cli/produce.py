"""`shopstream produce`: a file of events into their topic."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from privacy.hpke import PublicKey
from streams.cli.lines import numbered_lines, size_of
from streams.cli.output import print_json, progress
from streams.cli.produce_report import Report
from streams.cli.roll_call import RollCall
from streams.cli.session import BAD_DATA, load_settings, run
from streams.client import Shopstream
from streams.client.answers import ANSWERED_BY
from streams.client.outbox import Delivery, InFlight, headers_of, largest_value
from streams.contracts.codec import decode, encode_event
from streams.contracts.events import Event
from streams.contracts.reasons import Reason
from streams.contracts.sealing import sealed_event
from streams.contracts.topics import TOPICS, Topic, inputs
from streams.contracts.violation import ContractViolation
from streams.settings import Settings

SOURCE = "/shopstream/produce"
IN_FLIGHT = 5_000
BURST_SECONDS = 0.02
"""How much lost time --rate makes up for at once."""


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option(
    "--topic", required=True, type=click.Choice([topic.name for topic in inputs()]), help="Where to."
)
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), help="At most so many events a second.")
@click.option(
    "--validate/--no-validate",
    default=True,
    help="Whether to keep lines back that break the contract (default), or to send all as they are. A topic that"
    " needs a key (catalog, resolutions) takes no line whose key can't be read.",
)
@click.option("--wait", is_flag=True, help="Wait until every event is answered or a dead letter.")
@click.option(
    "--patience",
    type=click.FloatRange(min=0, min_open=True),
    default=60,
    show_default=True,
    help="Seconds without any answer after which --wait gives up.",
)
@click.option(
    "--seal-with",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="PUBLIC_KEY.json",
    help="Seal what people wrote to this key first; `shopstream keys public` writes it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def produce(
    *,
    file: Path,
    topic: str,
    rate: float | None,
    validate: bool,
    wait: bool,
    patience: float,
    seal_with: Path | None,
    as_json: bool,
) -> None:
    """Send events, one JSON object a line, to a topic; `-` is standard input. Empty lines are skipped.

    Bad lines are told by number, reason and field, never by content. Lines are sent as they are, under the
    key and to the partition that the contract says. What was sent stays sent when the command is interrupted.

    With --seal-with the fields that hold a person's own words are sealed before anything is sent, so that Kafka never
    has them in plaintext. Fields that the contract does not know are then left out, since they could hold anything.

    Exit codes: 0 all was sent (and answered, with --wait); 1 some lines were bad, became dead letters, or had
    no answer in time; 2 wrong usage; 78 the settings are not valid, or there is no broker or topic where they
    point.
    """
    if wait and topic not in ANSWERED_BY:
        raise click.UsageError(
            f"--wait: {topic} has no answer for every event; {', '.join(ANSWERED_BY)} have"
        )
    if seal_with and not validate:
        raise click.UsageError(
            "--seal-with: a line that breaks the contract can't be sealed; drop --no-validate"
        )
    settings = load_settings()
    order = Order(rate, validate, patience if wait else None, seal_with)
    report = run(_produce(settings, TOPICS[topic], file, order))
    if as_json:
        print_json(report.document())
    else:
        report.show()
    if report.bad or (report.roll and not report.roll.all_well):
        raise SystemExit(BAD_DATA)


@dataclass(frozen=True, slots=True)
class Order:
    """How to send: events a second, whether to keep bad lines back, seconds of patience (None: none), public key."""

    rate: float | None
    validate: bool
    patience: float | None
    seal_with: Path | None


async def _produce(settings: Settings, topic: Topic[Any], file: Path, order: Order) -> Report:
    report = Report()
    async with Shopstream(settings, source=SOURCE) as shop:
        sending = Sending(shop, topic, order, report)
        if order.patience is None:
            await sending.send(file)
            return report
        report.roll = RollCall(shop.settings.wire_topic(topic.name))
        async with shop.answers.listening(report.roll.hear):
            await sending.send(file)
            with progress("waiting for answers", report.roll.expected) as show:
                await report.roll.complete(order.patience, show)
    return report


class Sending:
    """Sends the lines of a file.

    Args:
        shop: connected.
        topic: an input topic.
        order: how.
        report: told what becomes of each line.
    """

    def __init__(self, shop: Shopstream, topic: Topic[Any], order: Order, report: Report) -> None:
        self._shop = shop
        self._topic = topic
        self._order = order
        self._report = report
        self._public_key = PublicKey.load(order.seal_with) if order.seal_with else None
        self._ahead = timedelta(seconds=shop.settings.worker.max_future)

    async def send(self, file: Path) -> None:
        """Sends all lines and waits until Kafka has them."""
        done = 0
        with progress(f"sending to {self._topic.name}", size_of(file)) as show:
            async with InFlight(IN_FLIGHT) as flight:
                async for number, line in self._paced(numbered_lines(file)):
                    await flight.failure()
                    await self._one(flight, number, line)
                    done += len(line) + 1
                    show(done)

    async def _paced(self, lines: AsyncIterator[tuple[int, bytes]]) -> AsyncIterator[tuple[int, bytes]]:
        clock = asyncio.get_running_loop().time
        interval = 1 / self._order.rate if self._order.rate else 0.0
        due = clock()
        async for line in lines:
            if interval:
                await asyncio.sleep(max(0.0, due - clock()))
                due = max(due, clock() - BURST_SECONDS) + interval
            yield line

    async def _one(self, flight: InFlight, number: int, line: bytes) -> None:
        """One line: judged, then sent or kept back."""
        self._report.lines += 1
        key: str | None = None
        headers: list[tuple[str, bytes]] = []
        if len(line) > largest_value(self._topic):
            self._report.note(
                number, ContractViolation(Reason.TOO_LONG, None, "larger than its topic allows")
            )
            return
        try:
            event = decode(self._topic, line, now=datetime.now(UTC), max_ahead=self._ahead)
            if self._public_key:
                line = self._sealed(event, self._public_key)
        except ContractViolation as violation:
            if self._order.validate:
                self._report.note(number, violation)
                return
            if self._topic.deletable:  # the broker would refuse it
                detail = "it has no key, which this topic needs"
                self._report.note(number, ContractViolation(violation.reason, violation.field, detail))
                return
            event_id = violation.event_id
        else:
            event_id, key, headers = event.id, self._topic.key(event), headers_of(event, source=SOURCE)
        if self._report.roll:
            self._report.roll.called(event_id)
        delivery = await flight.admit(
            self._shop.outbox.send(
                self._topic, line, key=key, event_id=event_id or str(number), headers=headers
            )
        )
        self._report.sent += 1
        if self._report.roll:
            self._place(delivery, event_id, self._report.roll)

    def _sealed(self, event: Event, key: PublicKey) -> bytes:
        """The line as it is sent: of the contract's fields, people's words sealed."""
        line = encode_event(sealed_event(event, key))
        if len(line) > largest_value(self._topic):
            raise ContractViolation(Reason.TOO_LONG, None, "larger than its topic allows, once sealed")
        return line

    def _place(self, delivery: Delivery, event_id: str | None, roll: RollCall) -> None:
        """Tells the roll where the event lies, once that is known."""
        delivery.on_arrival(lambda place: roll.lies_at(place.reference, event_id))
