"""All that the made-up shop sends: deterministic, counted, malformed only as stated, personal data as listed."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from privacy.detect import Detector
from privacy.plaintext import Plaintext
from streams.contracts.codec import Deletion, decode, decode_or_delete
from streams.contracts.topics import CATALOG
from streams.contracts.violation import ContractViolation
from streams.demo.leaks import LeakSearch
from streams.demo.shop.flaws import FLAWS
from streams.demo.shop.mishaps import spoiled
from streams.demo.shop.plan import Plan, Sizes
from streams.demo.shop.sending import Sending

TOPICS = {"catalog", "resolutions", "interactions", "reviews", "queries", "support-tickets"}


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Plan()


@pytest.fixture(scope="module")
def sendings(plan: Plan) -> list[Sending]:
    return list(plan.sendings())


def small(seed: int = 7, run: str = "demo") -> list[Sending]:
    sizes = Sizes(interactions=300, reviews=120, queries=60, tickets=40, resolutions=80)
    return list(Plan(seed, run=run, sizes=sizes).sendings())


def test_a_seed_gives_the_same_again() -> None:
    assert small() == small()


def test_no_two_seeds_give_the_same() -> None:
    one, other = small(), small(seed=8)
    shared = {sent.value for sent in one} & {sent.value for sent in other}
    assert {b'"kind":"article"' in (value or b"") for value in shared} <= {True}


def test_runs_differ_in_the_ids_of_events_alone() -> None:
    one, other = small(run="demo-1"), small(run="demo-2")
    assert {sent.event_id for sent in one}.isdisjoint(sent.event_id for sent in other)
    assert [sent.key for sent in one] == [sent.key.replace("demo-2", "demo-1") for sent in other]


def test_there_are_as_many_as_said(plan: Plan, sendings: list[Sending]) -> None:
    good = Counter(sent.topic.name for sent in sendings if not sent.flaw and not sent.resend)
    assert good == {
        "catalog": 350,
        "resolutions": 150,
        "interactions": 3_000,
        "reviews": 1_200,
        "queries": 600,
        "support-tickets": 300,
    }
    assert plan.census.good == good
    assert plan.census.resends == Counter(sent.topic.name for sent in sendings if sent.resend)


def test_a_factor_scales_what_happens_and_never_empties_the_shop() -> None:
    assert Sizes().scaled(10).interactions == 30_000
    assert Sizes().scaled(0.1) == Sizes(350, 60, 300, 120, 60, 30, 150)


def test_catalogue_and_resolutions_come_first_and_all_else_by_event_time(
    plan: Plan, sendings: list[Sending]
) -> None:
    good = [sent for sent in sendings if not sent.flaw and not sent.resend]
    assert {sent.topic.name for sent in good[:500]} == {"catalog", "resolutions"}
    assert all(one.time <= other.time for one, other in pairwise(good[500:]))
    assert good[-1].time <= plan.until
    hundred = Counter(sent.topic.name for sent in good[2_000:2_500])
    assert set(hundred) == TOPICS - {"catalog", "resolutions"}


def test_every_good_event_follows_its_contract(plan: Plan, sendings: list[Sending]) -> None:
    for sent in sendings:
        if not sent.flaw:
            event = decode(sent.topic, sent.value, now=plan.until)
            assert event == sent.event
            assert (event.id, sent.topic.key(event)) == (sent.event_id, sent.key)


def test_every_malformed_one_is_refused_for_the_stated_reason(plan: Plan, sendings: list[Sending]) -> None:
    flawed = [sent for sent in sendings if sent.flaw]
    assert {sent.topic.name for sent in flawed} == TOPICS
    assert 0.008 < len(flawed) / len(sendings) < 0.02
    for sent in flawed:
        assert refused(sent, plan.until) is sent.flaw


@pytest.mark.parametrize("name", sorted(TOPICS))
def test_every_flaw_has_the_reason_that_it_states(name: str, plan: Plan, sendings: list[Sending]) -> None:
    good = [sent for sent in sendings if sent.topic.name == name and not sent.flaw][:20]
    for flaw in FLAWS[name]:
        for sent in good:
            assert refused(spoiled(sent, flaw), plan.until) is flaw.reason


def refused(sent: Sending, now: datetime) -> object:
    with pytest.raises(ContractViolation) as caught:
        decode(sent.topic, sent.value, now=now)
    return caught.value.reason


def test_ids_are_unique_but_for_resends_which_repeat_key_and_value(sendings: list[Sending]) -> None:
    first: dict[tuple[str, str], Sending] = {}
    for sent in sendings:
        if sent.resend:
            before = first[sent.topic.name, sent.event_id]
            assert (sent.key, sent.value) == (before.key, before.value)
        else:
            assert (sent.topic.name, sent.event_id) not in first
            first[sent.topic.name, sent.event_id] = sent
    assert {sent.topic.name for sent in sendings if sent.resend} == TOPICS


def test_personal_values_are_where_they_are_said_to_be(plan: Plan, sendings: list[Sending]) -> None:
    for sent in sendings:
        held = sent.key.encode() + b"\n" + (sent.value or b"")
        assert all(secret.encode() in held for secret in sent.planted | sent.unprotected)
    assert plan.planted == set().union(*(sent.planted for sent in sendings))
    assert len(plan.planted) > 120
    assert len(plan.unprotected_yet) > 60
    assert plan.planted.isdisjoint(plan.unprotected_yet)


def test_no_personal_value_of_any_user_is_sent_unlisted(plan: Plan, sendings: list[Sending]) -> None:
    everything = {value for who in plan.shoppers for kind, value in who.personal.items() if kind != "town"}
    search = LeakSearch(everything)
    for sent in sendings:
        search.found.clear()
        search.look(sent.key.encode(), sent.value)
        assert search.found <= sent.planted | sent.unprotected, sent.value


def test_the_detector_finds_all_that_is_planted_and_every_kind_of_it(sendings: list[Sending]) -> None:
    detector, labels = Detector(), Counter[str]()
    for sent in sendings:
        if sent.event is None or sent.resend:
            continue
        texts = [text.reveal() for _, text in sent.event if isinstance(text, Plaintext)]
        found = {
            (text[span.start : span.end], span.label)
            for text, spans in zip(texts, detector.detect(texts), strict=True)
            for span in spans
        }
        written = {secret for secret in sent.planted if any(secret in text for text in texts)}
        assert {value for value, _ in found} == written
        labels.update(label for _, label in found)
    assert set(labels) == {"EMAIL", "PHONE", "CARD", "IBAN", "IP", "NATIONAL_ID"}


def test_later_changes_are_a_price_a_sold_out_and_a_deletion(plan: Plan) -> None:
    cheaper, sold_out, deleted = plan.changes()
    assert cheaper.after
    assert cheaper.before.price
    assert cheaper.after.price
    assert cheaper.after.price.amount < cheaper.before.price.amount
    assert sold_out.before.stock
    assert sold_out.after
    assert sold_out.after.stock == 0
    now = plan.until + timedelta(hours=1)
    for change in (cheaper, sold_out):
        assert decode(CATALOG, change.sending.value, now=now) == change.after
    gone = decode_or_delete(CATALOG, deleted.sending.key.encode(), deleted.sending.value, now=now)
    assert gone == Deletion(CATALOG, deleted.before.product_id)
    assert len({change.before.product_id for change in plan.changes()}) == 3


def test_what_is_known_of_queries_and_tickets_goes_with_them(sendings: Iterable[Sending]) -> None:
    for sent in sendings:
        expected = sent.topic.name in ("queries", "support-tickets") and not sent.flaw
        assert (sent.about is not None) == expected
