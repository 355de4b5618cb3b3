"""Policy and detector as settings describe them, and what is said of mistakes."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from privacy import DEFAULT_POLICY, FieldRule, Original, Plaintext, Sensitive, Treatment
from privacy.errors import PrivacyError
from privacy.placeholders import DROPPED
from privacy.policy import STRUCTURED
from streams.contracts.topics import TOPICS
from streams.keys import Keys
from streams.privacy_rules import RulesError, detector_of, policy_of, written_fields
from streams.settings import KeySettings, PrivacySettings, Settings

CUSTOMER = {"label": "CUSTOMER_NUMBER", "regex": "K-[0-9]{6}", "context": ["kunde*"], "score": 0.6}


def settings(**privacy: Any) -> Settings:
    return Settings(privacy=PrivacySettings.model_validate(privacy))


def labels(made: Settings, text: str) -> list[str]:
    return [span.label for span in detector_of(made).detect([text])[0]]


def test_without_settings_the_policy_is_the_default_one() -> None:
    policy = policy_of(settings())
    for topic in TOPICS:
        assert policy.rule(topic, "text") == DEFAULT_POLICY.rule(topic, "text")


def test_what_is_not_set_is_as_without_it() -> None:
    policy = policy_of(settings(topics={"queries": {"original": "seal"}}))
    changed = DEFAULT_POLICY.rule("queries", "text")
    assert policy.rule("queries", "text") == FieldRule(
        kinds=changed.kinds, keep_terms=changed.keep_terms, original=Original.SEAL
    )


def test_a_field_builds_on_its_topic() -> None:
    policy = policy_of(
        settings(
            topics={"reviews": {"treatment": "tokenise", "original": "drop"}},
            fields={"reviews.title": {"kinds": ["email", "PERSON"]}, "queries.text": {"kinds": "all"}},
        )
    )
    tokenised = FieldRule(Treatment.TOKENISE, original=Original.DROP)
    assert policy.rule("reviews", "text") == tokenised
    assert policy.rule("reviews", "title") == FieldRule(
        Treatment.TOKENISE, frozenset({"EMAIL", "PERSON"}), Original.DROP
    )
    assert policy.rule("queries", "text").kinds is None


def test_the_shops_own_patterns_are_found_everywhere_and_count_as_structured() -> None:
    made = settings(patterns=[CUSTOMER])
    assert labels(made, "it is K-123456") == ["CUSTOMER_NUMBER"]
    assert labels(settings(), "it is K-123456") == []
    assert policy_of(made).rule("queries", "text").kinds == STRUCTURED | {"CUSTOMER_NUMBER"}


def test_thresholds_hold_for_their_kind_however_it_is_written() -> None:
    text = "anna@example.org"
    assert labels(settings(thresholds={"email": 1}), text) == []
    assert labels(settings(thresholds={"CARD": 1}), text) == ["EMAIL"]


def test_the_allow_list_reaches_the_policy() -> None:
    assert policy_of(settings(allow=["+49 30 901820"])).allow.is_term("+49 (30) 90-18-20")


def test_the_environment_and_the_file_say_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "shop.toml"
    file.write_text(
        """
        [privacy]
        allow = ["Help@shop.example"]
        [privacy.fields."reviews.text"]
        treatment = "mask"
        kinds = ["EMAIL"]
        original = "drop"
        [privacy.topics.queries]
        original = "seal"
        [privacy.thresholds]
        CARD = 0.6
        [[privacy.patterns]]
        label = "CUSTOMER_NUMBER"
        regex = "K-[0-9]{6}"
        """
    )
    monkeypatch.setitem(Settings.model_config, "toml_file", file)
    by_file = Settings().privacy
    monkeypatch.setitem(Settings.model_config, "toml_file", None)
    for name, value in {
        "ALLOW": '["Help@shop.example"]',
        "FIELDS": '{"reviews.text": {"treatment": "mask", "kinds": ["EMAIL"], "original": "drop"}}',
        "TOPICS__queries__original": "seal",
        "THRESHOLDS": '{"CARD": 0.6}',
        "PATTERNS": '[{"label": "CUSTOMER_NUMBER", "regex": "K-[0-9]{6}"}]',
    }.items():
        monkeypatch.setenv(f"SHOPSTREAM_PRIVACY__{name}", value)
    assert Settings().privacy == by_file
    assert by_file.fields["reviews.text"].kinds == ("EMAIL",)
    assert policy_of(Settings()).rule("reviews", "text").original is Original.DROP


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"topics": {"orders": {}}}, ["privacy.topics.orders", "reviews"]),
        ({"topics": {"catalog": {}}}, ["privacy.topics.catalog"]),
        ({"fields": {"reviews.body": {}}}, ['privacy.fields."reviews.body"', "text, title"]),
        ({"fields": {"reviews": {}}}, ['privacy.fields."reviews"', "no such field"]),
        ({"fields": {"orders.text": {}}}, ['privacy.fields."orders.text"', "TOPIC.FIELD"]),
        ({"topics": {"reviews": {"kinds": ["EMIAL"]}}}, ["privacy.topics.reviews.kinds", "EMIAL", "EMAIL"]),
        ({"thresholds": {"CRAD": 0.5}}, ["privacy.thresholds.CRAD", "CARD"]),
        ({"thresholds": {"CARD": 1.5}}, ["privacy.thresholds.CARD", "0..1"]),
        ({"patterns": [CUSTOMER, {"label": "X", "regex": "(a"}]}, ["privacy.patterns[1]", "'X'", "RE2"]),
        ({"patterns": [{"label": "x y", "regex": "a"}]}, ["privacy.patterns[0]", "capitals"]),
        ({"patterns": [{"label": "X", "regex": "a+"}]}, ["privacy.patterns[0]", "without end"]),
        ({"allow": ["Help", " "]}, ["privacy.allow", "empty"]),
    ],
)
def test_a_mistake_is_told_with_its_setting_by_policy_and_detector(
    given: dict[str, Any], said: list[str]
) -> None:
    for read in (policy_of, detector_of):
        with pytest.raises(RulesError) as caught:
            read(settings(**given))
        assert isinstance(caught.value, PrivacyError)
        assert [part for part in said if part not in str(caught.value)] == []


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(RulesError) as caught:
        policy_of(settings(topics={"orders": {}}, thresholds={"CRAD": 2}))
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize(
    "given",
    [
        {"topics": {"reviews": {"treatment": "hide"}}},
        {"topics": {"reviews": {"orignal": "seal"}}},
        {"fields": {"reviews.text": {"kinds": "some"}}},
        {"patterns": [{"label": "X"}]},
    ],
)
def test_what_is_no_setting_is_refused_when_settings_are_read(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings(**given)


def test_fields_that_people_write_are_known_by_their_type() -> None:
    assert {name: written_fields(topic) for name, topic in TOPICS.items() if written_fields(topic)} == {
        "queries": ("text",),
        "reviews": ("text", "title"),
        "support-tickets": ("text", "subject"),
        "resolutions": ("answer", "question", "title"),
    }


async def test_the_guard_of_a_worker_goes_by_the_settings(keys_url: str, prefix: str, tmp_path: Path) -> None:
    made = Settings(
        data_dir=tmp_path,
        keys=KeySettings(url=SecretStr(keys_url)),
        privacy=PrivacySettings.model_validate(
            {
                "tenant": prefix,
                "patterns": [CUSTOMER],
                "fields": {"reviews.title": {"treatment": "drop"}},
                "allow": ["Help@shop.example"],
            }
        ),
    )
    texts = {"title": "anna@example.org", "text": "K-123456 wrote to help@shop.example"}
    item = Sensitive("reviews", "e-1", "mia", {name: Plaintext(text) for name, text in texts.items()})
    keys = await Keys.open(made)
    try:
        (protected,) = await keys.guard().protect([item])
    finally:
        await keys.close()
    assert protected.masked == {"title": DROPPED, "text": "[CUSTOMER_NUMBER_1] wrote to help@shop.example"}
    assert list(protected.sealed) == ["text"]
