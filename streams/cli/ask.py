"""`shopstream ask`: one query or ticket, and its answer in words."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import click
import orjson

from streams.cli.output import print_json
from streams.cli.session import BAD_DATA, fail, load_settings, run
from streams.contracts.codec import encode
from streams.printing import printable
from streams.settings import Settings

if TYPE_CHECKING:
    from streams.contracts.events import Query, SupportTicket
    from streams.contracts.results import RankedItem, SearchRanking, SupportReply

NOTHING: Final = 3
"""Nothing was found, or a person has to answer."""
LATE: Final = 4
"""No answer came in time."""
SOURCE: Final = "/shopstream/ask"


@click.command()
@click.argument("text")
@click.option("--ticket", is_flag=True, help="Ask support, not the search.")
@click.option("--user", help="Who asks; the answer takes their history into account.")
@click.option("--limit", type=click.IntRange(1, 100), default=5, show_default=True, help="Most products.")
@click.option("--in-stock", is_flag=True, help="Only what can be bought now.")
@click.option("--category", "categories", multiple=True, help="Only this category; may be given again.")
@click.option("--brand", "brands", multiple=True, help="Only this brand; may be given again.")
@click.option("--max-price", metavar="AMOUNT", help="At most so much, e.g. 49.90.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=10,
    show_default=True,
    help="Seconds to wait for the answer.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as it is on the topic.")
def ask(  # noqa: PLR0913 - each is an option of the command
    *,
    text: str,
    ticket: bool,
    user: str | None,
    limit: int,
    in_stock: bool,
    categories: tuple[str, ...],
    brands: tuple[str, ...],
    max_price: str | None,
    timeout: float,
    as_json: bool,
) -> None:
    """Ask the running workers: TEXT is a search, or with --ticket a customer's question.

    \b
      shopstream ask "waterproof hiking boots" --user u42
      shopstream ask --ticket "where is my parcel?"

    The event goes through Kafka as a shop's own would.

    Exit codes: 0 answered; 1 refused, the reason is printed; 2 wrong usage; 3 nothing found, or handed to a person;
    4 no answer in time; 78 the settings are not valid, or there is no broker or topic where they point.
    """  # noqa: D301 - click looks for the character \b itself
    if ticket and (categories or brands or max_price or in_stock):
        raise click.UsageError("--ticket: a customer's question has no filters")
    settings = load_settings()
    event = (
        _ticket(text, user) if ticket else _query(text, user, limit, in_stock, categories, brands, max_price)
    )
    result = run(_answer(settings, event, timeout))
    if as_json:
        print_json(orjson.loads(encode(result)))
    else:
        for line in _reply_lines(result) if ticket else _ranking_lines(result):
            click.echo(line)
    if not (result.reply if ticket else result.items):
        raise SystemExit(NOTHING)


def _query(
    text: str,
    user: str | None,
    limit: int,
    in_stock: bool,  # noqa: FBT001
    categories: tuple[str, ...],
    brands: tuple[str, ...],
    max_price: str | None,
) -> "Query":
    from streams.contracts.events import Query

    filters = {"in_stock": in_stock, "categories": list(categories), "brands": list(brands)}
    if max_price is not None:
        filters["price_max"] = max_price
    query: Query = _event(Query, text=text, user_id=user, limit=limit, filters=filters)
    return query


def _ticket(text: str, user: str | None) -> "SupportTicket":
    from streams.contracts.events import SupportTicket

    asked: SupportTicket = _event(SupportTicket, text=text, user_id=user)
    return asked


def _event(kind: Any, **fields: Any) -> Any:  # noqa: ANN401 - an event of that kind
    from pydantic import ValidationError

    try:
        return kind(id=f"ask-{secrets.token_hex(8)}", time=datetime.now(UTC), **fields)
    except ValidationError as error:
        faults = ", ".join(".".join(map(str, one["loc"])) + ": " + one["msg"] for one in error.errors())
        raise click.UsageError(f"that is no valid event ({faults})") from None


async def _answer(settings: Settings, event: Any, timeout: float) -> Any:  # noqa: ANN401
    from streams.client import Shopstream
    from streams.client.errors import EventRefused, NoAnswer

    async with Shopstream(settings, source=SOURCE) as shop:
        try:
            return await shop.ask(event, timeout=timeout)
        except NoAnswer as error:
            fail(LATE, str(error))
        except EventRefused as error:
            fail(BAD_DATA, f"it became a dead letter: {error}")


def _ranking_lines(ranking: "SearchRanking") -> Iterator[str]:
    yield f'"{printable(ranking.query)}": {len(ranking.items)} of {ranking.found or 0} candidates' + _caveat(
        ranking
    )
    for place, item in enumerate(ranking.items, 1):
        yield f"{place:>3}. {printable(item.title or item.product_id)}  ({item.product_id}, {item.score:.3f})"
        yield from (f"     {line}" for line in _why(item))


def _why(item: "RankedItem") -> Iterator[str]:
    for reason in item.reasons:
        products = f" [{', '.join(reason.products)}]" if reason.products else ""
        note = f": {printable(reason.note)}" if reason.note else ""
        yield f"{reason.kind.replace('_', ' ')}{note}{products}"


def _reply_lines(reply: "SupportReply") -> Iterator[str]:
    yield f'"{printable(reply.text)}"' + _caveat(reply)
    if reply.reply is not None:
        yield f"  {printable(reply.reply, 2_000)}"
    elif reply.handoff is not None:
        yield f"  A person should answer: {reply.handoff.reason.replace('_', ' ')}."
        if reply.handoff.draft:
            yield f"  Draft: {printable(reply.handoff.draft, 2_000)}"
    yield f"  confidence {reply.confidence:.0%}"
    for cited in reply.citations:
        name = f" {printable(cited.title)}" if cited.title else ""
        where = f" {cited.url}" if cited.url else ""
        yield f"  source: {cited.kind} {cited.source_id}{name}{where} ({cited.score:.2f})"


def _caveat(result: "SearchRanking | SupportReply") -> str:
    if not result.degraded:
        return ""
    part = ""
    if result.coverage is not None and result.coverage.expected:
        part = f"; {result.coverage.indexed:,} of {result.coverage.expected:,} indexed"
    return f" (without {', '.join(result.degraded)}{part})"
