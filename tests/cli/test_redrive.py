import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aiokafka import ConsumerRecord

from privacy.envelope import SealedEnvelope
from streams.access import audit_log
from streams.client import Shopstream
from streams.client.reader import TopicReader
from streams.contracts.codec import encode
from streams.contracts.dead_letters import DeadLetter, Origin
from streams.contracts.examples import example_document
from streams.contracts.ids import result_id
from streams.contracts.reasons import Reason
from streams.contracts.topics import CATALOG, DEAD_LETTERS, REVIEWS
from streams.keys import Keys
from streams.settings import Settings
from streams.state.resends import REDRIVE_HEADER
from tests.cli.conftest import Shell
from tests.client.peer import make_topics
from tests.standins.keys import local_guard, sealed_whole

GOOD = json.dumps({**example_document("reviews"), "id": "r-1"}).encode()


async def sealed(
    settings: Settings, value: bytes, cause: str, subject: str | None = None, topic: str = REVIEWS.name
) -> SealedEnvelope:
    keys = await Keys.open(settings)
    try:
        return await sealed_whole(keys.guard(), value, topic=topic, event_id=cause, subject=subject)
    finally:
        await keys.close()


def dead(
    settings: Settings,
    value: bytes,
    offset: int,
    *,
    cause: str | None = None,
    topic: str = REVIEWS.name,
    **fields: Any,
) -> DeadLetter:
    """A letter as a worker writes it, its original under the key of the day."""
    origin = Origin(topic=settings.wire_topic(topic), partition=0, offset=offset)
    cause = cause or origin.reference
    given = {
        "reason": Reason.PROCESSING_FAILED,
        "sealed": asyncio.run(sealed(settings, value, cause, topic=topic)),
        "origin": origin,
        **fields,
    }
    return DeadLetter(
        id=result_id(DEAD_LETTERS.name, [origin.reference]),
        causes=[cause],
        time=datetime.now(UTC),
        detail="constant",
        size=len(value),
        **given,
    )


def bury(settings: Settings, *letters: DeadLetter) -> None:
    async def send() -> None:
        async with Shopstream(settings) as shop:
            for letter in letters:
                delivery = await shop.outbox.send(
                    DEAD_LETTERS, encode(letter), key=letter.id, event_id=letter.id
                )
                await delivery.place()

    asyncio.run(send())


def arrived(settings: Settings) -> list[ConsumerRecord]:
    async def read() -> list[ConsumerRecord]:
        async with TopicReader(settings, [REVIEWS.name]) as reader:
            await reader.to_beginning()
            return [record async for records in reader.until_caught_up() for record in records]

    return asyncio.run(read())


def test_originals_return_unchanged_with_a_header_and_the_contracts_key(
    shopstream: Shell, settings: Settings
) -> None:
    good, broken = (
        dead(settings, GOOD, 1, cause="r-1"),
        dead(settings, b"{not json", 2, reason=Reason.NOT_JSON),
    )
    bury(settings, good, broken)
    said = shopstream("redrive", "--json")
    assert said.code == 0, said
    assert (said.json["selected"], said.json["sent"]) == (2, 2)
    records = {record.value: record for record in arrived(settings)}
    assert records.keys() == {GOOD, b"{not json"}
    assert records[GOOD].key == b"user-42"
    assert dict(records[GOOD].headers)[REDRIVE_HEADER] == good.id.encode()
    assert dict(records[GOOD].headers)["ce_id"] == b"r-1"
    assert records[b"{not json"].key is None
    assert dict(records[b"{not json"].headers)[REDRIVE_HEADER] == broken.id.encode()
    assert "not json" not in said.out + said.err


def test_nothing_returns_twice_unless_that_is_asked_for(shopstream: Shell, settings: Settings) -> None:
    bury(settings, dead(settings, GOOD, 1, cause="r-1"))
    assert shopstream("redrive", "--json").json["sent"] == 1
    second = shopstream("redrive", "--json")
    assert (second.code, second.json["sent"], second.json["left_out"]) == (0, 0, 1)
    assert "sent back before" in second.json["letters"][0]["detail"]
    assert len(arrived(settings)) == 1
    assert shopstream("redrive", "--again", "--json").json["sent"] == 1
    assert len(arrived(settings)) == 2


def test_a_dry_run_sends_nothing(shopstream: Shell, settings: Settings) -> None:
    bury(settings, dead(settings, GOOD, 1, cause="r-1"))
    said = shopstream("redrive", "--dry-run")
    assert said.code == 0
    assert "1 would be sent" in said.out
    assert arrived(settings) == []


def test_letters_are_chosen_by_reason_id_topic_time_and_number(shopstream: Shell, settings: Settings) -> None:
    one = dead(settings, GOOD, 1, cause="r-1")
    two = dead(settings, GOOD, 2, cause="r-2", reason=Reason.CRASHED_WORKER)
    three = dead(settings, GOOD, 3, cause="r-3")
    bury(settings, one, two, three)

    def chosen(*options: str) -> list[str]:
        letters = shopstream("redrive", "--dry-run", "--json", *options).json["letters"]
        return [letter["causes"][0] for letter in letters]

    assert chosen() == ["r-1", "r-2", "r-3"]
    assert chosen("--reason", "crashed_worker") == ["r-2"]
    assert chosen("--id", one.id, "--id", "r-3") == ["r-1", "r-3"]
    assert chosen("--topic", "queries") == []
    assert chosen("--since", "2999-01-01") == []
    assert chosen("--since", "2020-01-01T00:00:00Z", "--limit", "2") == ["r-1", "r-2"]


def test_the_limit_counts_what_is_sent_not_what_was_sent_before(
    shopstream: Shell, settings: Settings
) -> None:
    bury(settings, *(dead(settings, GOOD, offset, cause=f"r-{offset}") for offset in range(3)))
    for expected in (1, 1, 1, 0):
        assert shopstream("redrive", "--limit", "1", "--json").json["sent"] == expected
    assert len(arrived(settings)) == 3


def test_what_cannot_be_sent_is_told_and_the_rest_goes(shopstream: Shell, settings: Settings) -> None:
    elsewhere = Origin(topic="another-shops-reviews", partition=0, offset=1)
    moved = dead(settings, GOOD, 5, cause="r-5").model_copy(update={"causes": ["r-6"]})
    bury(
        settings,
        dead(settings, b"", 1, cause="r-1", sealed=None),
        dead(settings, GOOD, 2, cause="r-2", origin=elsewhere),
        moved,
        dead(settings, GOOD, 4, cause="r-4"),
    )
    said = shopstream("redrive", "--json")
    assert said.code == 1
    details = {letter["causes"][0]: (letter["outcome"], letter["detail"]) for letter in said.json["letters"]}
    assert details["r-1"][0] == "failed"
    assert "no original" in details["r-1"][1]
    assert "not one of this installation" in details["r-2"][1]
    assert "not authentic" in details["r-6"][1]
    assert details["r-4"][0] == "sent"
    assert len(arrived(settings)) == 1


def test_a_letter_without_the_key_that_its_topic_needs_stops_no_other(
    shopstream: Shell, settings: Settings
) -> None:
    make_topics(settings, CATALOG)
    keyless = dead(settings, b"{not json", 1, topic=CATALOG.name, reason=Reason.NOT_JSON)
    bury(settings, keyless, dead(settings, GOOD, 2, cause="r-2"))
    for options in (("--dry-run",), ()):
        said = shopstream("redrive", "--json", *options)
        assert (said.code, said.json["sent"], said.json["failed"]) == (1, 1, 1), said
        assert said.json["letters"][0]["detail"] == "it has no key, which this topic needs"
    assert len(arrived(settings)) == 1


def test_an_original_sealed_for_a_person_returns_too(shopstream: Shell, settings: Settings) -> None:
    token = local_guard(settings.kek_file).user_token("mia@example.com")
    envelope = asyncio.run(sealed(settings, GOOD, "r-1", token))
    bury(settings, dead(settings, GOOD, 1, cause="r-1", sealed=envelope, user=token))
    assert shopstream("redrive", "--json").json["sent"] == 1


def test_without_the_key_file_nothing_is_made_or_sent(shopstream: Shell, settings: Settings) -> None:
    bury(settings, dead(settings, GOOD, 1, cause="r-1"))
    settings.kek_file.unlink()
    said = shopstream("redrive")
    assert said.code == 78
    assert "no key file" in said.err
    assert not settings.kek_file.exists()


def test_a_time_that_is_none_is_wrong_usage(shopstream: Shell) -> None:
    said = shopstream("redrive", "--since", "yesterday")
    assert said.code == 2
    assert "--since" in said.err


def test_it_stands_in_the_audit_log_and_takes_the_right(shopstream: Shell, settings: Settings) -> None:
    bury(settings, dead(settings, GOOD, 1, cause="r-1"))
    assert shopstream("redrive").code == 0
    log = audit_log(settings)
    begun, done = (log.chain.parse(line) or {} for line in log.lines())
    assert (begun["action"], begun["outcome"], begun["facts"]) == (
        "redrive",
        "begun",
        {"again": 0, "dry_run": 0},
    )
    assert done["facts"] == {"again": 0, "dry_run": 0, "letters": 1, "opened": 1, "sent": 1}
    admin = shopstream("access", "add", "ann", "--role", "admin", "--json").json["token"]
    agent = shopstream(
        "access", "add", "sam", "--role", "support_agent", "--json", SHOPSTREAM_ACCESS_TOKEN=admin
    ).json["token"]
    assert shopstream("redrive", "--again", SHOPSTREAM_ACCESS_TOKEN=agent).code == 77
    assert len(arrived(settings)) == 1
    assert shopstream("redrive", "--again", SHOPSTREAM_ACCESS_TOKEN=admin).code == 0


def test_a_key_store_that_goes_away_is_said_in_words(
    shopstream: Shell, settings: Settings, limited: Callable[[str], str]
) -> None:
    bury(settings, dead(settings, GOOD, 1, cause="r-1"))
    url = limited("~* +@all -hget")  # all is well until a data key is asked for
    said = shopstream("redrive", SHOPSTREAM_KEYS__URL=url)
    assert (said.code, "does not answer any more" in said.err) == (78, True)
    assert arrived(settings) == []
