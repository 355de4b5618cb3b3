"""The demo's made-up reviews: seeded, valid but for the malformed, with personal data that is really in them."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from privacy.detect import Detector
from streams.contracts.codec import decode
from streams.contracts.reasons import Reason
from streams.contracts.topics import REVIEWS
from streams.contracts.violation import ContractViolation
from streams.demo.flaws import FLAWS
from streams.demo.reviews import Draft, drafts

MOMENT = datetime(2026, 5, 4, 12, tzinfo=UTC)


def some(count: int = 1_500, seed: int = 7, run: str = "demo-1") -> list[Draft]:
    return list(drafts(count, seed=seed, run=run, clock=lambda: MOMENT))


def test_the_same_seed_gives_the_same_reviews() -> None:
    assert some(200) == some(200)


def test_another_seed_gives_other_reviews() -> None:
    assert {draft.value for draft in some(200)}.isdisjoint(draft.value for draft in some(200, seed=8))


def test_runs_differ_in_their_ids_and_in_nothing_else() -> None:
    one, other = some(200), some(200, run="demo-2")
    assert {draft.event_id for draft in one}.isdisjoint(draft.event_id for draft in other)
    assert [draft.value.replace(b"demo-1", b"demo-2") for draft in one] == [draft.value for draft in other]


def test_ids_are_unique() -> None:
    assert len({draft.event_id for draft in some()}) == len(some())


def test_every_good_review_follows_the_contract_and_every_bad_one_breaks_it_as_said() -> None:
    for draft in some():
        if draft.flaw is None:
            review = decode(REVIEWS, draft.value, now=MOMENT)
            assert (review.id, review.user_id) == (draft.event_id, draft.key)
        else:
            with pytest.raises(ContractViolation) as caught:
                decode(REVIEWS, draft.value, now=MOMENT)
            assert caught.value.reason is draft.flaw


def test_about_one_in_a_hundred_is_malformed_in_every_way_that_there_is() -> None:
    flaws = Counter(draft.flaw for draft in some() if draft.flaw)
    assert flaws.total() == 15
    assert set(flaws) == {flaw.reason for flaw in FLAWS}


def test_even_the_shortest_demo_has_a_malformed_review() -> None:
    assert sum(draft.flaw is not None for draft in some(10)) == 1


def test_planted_values_are_in_what_is_sent() -> None:
    planted = [draft for draft in some() if draft.planted]
    assert len(planted) > 100
    for draft in planted:
        for value in draft.planted:
            assert value.encode() in draft.key.encode() + draft.value


def test_all_kinds_of_personal_data_are_planted_and_each_is_what_the_detector_looks_for() -> None:
    detector, kinds = Detector(), Counter[str]()
    for draft in some():
        if draft.flaw:
            continue
        review = decode(REVIEWS, draft.value, now=MOMENT)
        text = review.text.reveal()
        found = {text[span.start : span.end]: span.label for span in detector.detect([text])[0]}
        assert set(found) == {value for value in draft.planted if value in text}
        kinds.update(found.values())
    assert set(kinds) == {"EMAIL", "PHONE", "CARD", "IBAN"}


def test_some_users_go_by_their_e_mail_address() -> None:
    assert any("@" in draft.key for draft in some())


def test_reviews_are_varied() -> None:
    reviews = [decode(REVIEWS, draft.value, now=MOMENT) for draft in some() if draft.flaw is None]
    assert len({review.text for review in reviews}) > len(reviews) * 0.8
    assert len({review.product_id.rsplit("-", 1)[0] for review in reviews}) == 5
    assert {review.rating for review in reviews} == {1, 2, 3, 4, 5}


def test_times_are_the_clocks() -> None:
    assert all(
        decode(REVIEWS, draft.value, now=MOMENT).time == MOMENT for draft in some(50) if draft.flaw is None
    )


def test_each_flaw_has_a_reason_of_the_contract() -> None:
    assert {flaw.reason for flaw in FLAWS} <= set(Reason)
