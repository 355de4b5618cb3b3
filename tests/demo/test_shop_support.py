"""The made-up shop's support: themes with many wordings, personal data in most tickets, answers to learn from."""

import random
from collections import Counter

import pytest

from streams.contracts.events import Resolution
from streams.demo.shop.grammar import chosen
from streams.demo.shop.plan import Plan
from streams.demo.shop.support import THEMES, Asked
from streams.demo.shop.words.account import UNANSWERED
from streams.demo.shop.words.theme import Theme


@pytest.fixture(scope="module")
def plan() -> Plan:
    return Plan()


@pytest.fixture(scope="module")
def tickets(plan: Plan) -> list[Asked]:
    return list(plan.tickets())


@pytest.fixture(scope="module")
def resolutions(plan: Plan) -> list[Resolution]:
    return [one.event for one in plan.resolutions() if isinstance(one.event, Resolution)]


def wordings(theme: Theme, language: str) -> int:
    chance = random.Random(1)
    asks = theme.asks["en" if language == "en" else "zh"]
    return len({chosen(chance.choice(asks), chance) for _ in range(2_000)})


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.key)
def test_a_theme_is_asked_about_in_many_ways_and_answered_in_both_languages(theme: Theme) -> None:
    assert wordings(theme, "en") >= 15
    assert wordings(theme, "zh") >= 8
    for language in ("en", "zh"):
        assert len(theme.answers[language]) >= 2
        assert 3 <= len(theme.articles[language].sentences) <= 8


def test_tickets_are_of_all_themes_and_some_are_for_humans_only(tickets: list[Asked]) -> None:
    assert len(tickets) == 300
    assert {one.theme for one in tickets} == {theme.key for theme in (*THEMES, *UNANSWERED)}
    for one in tickets:
        assert (one.expects == "handoff") == (one.theme in {theme.key for theme in UNANSWERED})
    assert 0.05 < sum(one.expects == "handoff" for one in tickets) / len(tickets) < 0.2
    assert len({one.event.text for one in tickets}) > 280


def test_most_tickets_hold_personal_data_and_it_is_in_them(tickets: list[Asked]) -> None:
    telling = [one for one in tickets if one.told.planted | one.told.unprotected]
    assert len(telling) > len(tickets) * 0.6
    for one in telling:
        assert all(value in one.event.text.reveal() for value in one.told.planted | one.told.unprotected)


def test_tickets_of_english_shoppers_name_products_that_have_english_names(tickets: list[Asked]) -> None:
    for one in tickets:
        if one.event.language == "en":
            text = one.event.text.reveal()
            assert not any("\u4e00" <= letter <= "\u9fff" for letter in text)


def test_resolutions_are_articles_and_answered_tickets_of_every_theme_in_both_languages(
    resolutions: list[Resolution],
) -> None:
    assert len(resolutions) == 150
    kinds = Counter((one.kind, one.tags[0], one.language) for one in resolutions)
    for theme in THEMES:
        for language in ("en", "zh"):
            assert kinds["article", theme.key, language] == 1
            assert kinds["ticket", theme.key, language] >= 2
    assert len({one.source_id for one in resolutions}) == 150


def test_few_answers_hold_personal_data(plan: Plan, resolutions: list[Resolution]) -> None:
    secrets = plan.planted | plan.unprotected_yet
    holding = [one for one in resolutions if any(secret in one.answer.reveal() for secret in secrets)]
    assert 1 <= len(holding) <= 30


def test_the_lesson_is_on_a_theme_that_nothing_else_is_about(
    plan: Plan, resolutions: list[Resolution]
) -> None:
    before, resolution, after = plan.lesson()
    assert resolution.question == before.text
    assert before.text != after.text
    assert "engrav" in before.text.reveal()
    assert "engrav" in after.text.reveal()
    assert not any("engrav" in one.answer.reveal() for one in resolutions)
