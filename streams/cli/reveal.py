"""`shopstream reveal`: the original of what was masked, for those who may see it."""

import re
from typing import TYPE_CHECKING

import click

from privacy.access import Action, Purpose
from privacy.guard import WHOLE_EVENT
from streams.access import acting
from streams.cli.output import print_json
from streams.cli.revealing import ORIGINS, Revealed, revealed
from streams.cli.session import load_settings, run
from streams.printing import printable

if TYPE_CHECKING:
    from streams.settings import Settings


def _field_name(_context: click.Context, _option: click.Parameter, given: str | None) -> str | None:
    """A name of a contract's field: it goes into the audit log, so it may not be anything."""
    if given is not None and not re.fullmatch(r"\$?[a-z_]{1,60}", given):
        raise click.BadParameter("not the name of a field, such as text")
    return given


@click.command()
@click.argument("event_id")
@click.option("--topic", required=True, type=click.Choice(ORIGINS), help="The input topic of the event.")
@click.option(
    "--field",
    "field_name",
    callback=_field_name,
    help=f"Only this field; {WHOLE_EVENT} is the whole of a dead letter's event.",
)
@click.option("--purpose", required=True, type=click.Choice([one.value for one in Purpose]))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def reveal(*, event_id: str, topic: str, field_name: str | None, purpose: str, as_json: bool) -> None:
    """Print the sealed originals of one event that the caller's role may see.

    The caller proves who they are by a token (see `shopstream access`). That they ask, and what for, is in the audit
    log before anything is opened; so is a refusal.

    Exit codes: 0 shown; 1 not found, not sealed, or erased; 2 wrong usage; 77 the caller may not see this; 78 the
    settings are not valid, the key is not at hand, or there is no broker where they point.
    """
    found = run(_revealed(load_settings(), event_id, topic, field_name, purpose))
    texts = {name: content.decode(errors="replace") for name, content in found.fields.items()}
    if as_json:
        print_json({"topic": topic, "event": event_id, "fields": texts, "withheld": found.withheld})
        return
    for name, text in texts.items():
        click.echo(f"{name}:")
        for line in text.splitlines():
            click.echo(f"  {printable(line, len(line))}")
    if found.withheld:
        click.echo(f"not for your role: {', '.join(found.withheld)}", err=True)


async def _revealed(
    settings: "Settings", event_id: str, topic: str, field_name: str | None, purpose: str
) -> Revealed:
    about = {"topic": topic} if field_name is None else {"topic": topic, "field": field_name}
    with acting(settings, Action.REVEAL, purpose=purpose, about=about, ids={"event": event_id}) as deed:
        return await revealed(settings, deed, event_id=event_id, topic=topic, field_name=field_name)
