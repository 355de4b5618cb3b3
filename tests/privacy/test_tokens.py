"""Tokens and digests."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy import Detector, Tokeniser
from privacy.tokens import UserTokens

TOKENISER = Tokeniser(bytes(32))
USERS = UserTokens(TOKENISER, Detector())


@given(st.text(), st.text())
def test_tokens_are_stable_and_tell_values_and_purposes_apart(first: str, second: str) -> None:
    assert TOKENISER.token("user", first) == TOKENISER.token("user", first)
    assert re.fullmatch(r"tok_[A-Za-z0-9_-]{22}", TOKENISER.token("user", first))
    assert (TOKENISER.token("user", first) == TOKENISER.token("user", second)) == (first == second)
    assert (TOKENISER.token(first, "a") == TOKENISER.token(second, "a")) == (first == second)
    assert TOKENISER.token("a", "b" + first) != TOKENISER.token("ab", first)


def test_tokens_depend_on_the_key() -> None:
    assert Tokeniser(bytes(31) + b"\x01").token("user", "a") != TOKENISER.token("user", "a")


def test_a_digest_is_keyed_and_whole() -> None:
    assert len(TOKENISER.digest("digest", b"x")) == 64
    assert Tokeniser(b"\x01" * 32).digest("digest", b"x") != TOKENISER.digest("digest", b"x")


@pytest.mark.parametrize(
    "user_id", ["user-17", "8812", "anna", "7f9c24e8-3b12-4fef-91e0-5a2d1b7d5c11", "用户-1", ""]
)
def test_ordinary_ids_stay(user_id: str) -> None:
    assert USERS.of(user_id) == user_id


@pytest.mark.parametrize(
    "user_id", ["anna@example.org", "+491711234567", "4111111111111111", "\uff41nna\uff20example.org"]
)
def test_ids_that_are_personal_data_become_tokens(user_id: str) -> None:
    assert USERS.of(user_id) == TOKENISER.token("user", user_id)


def test_nobody_passes_for_a_token_or_for_nobody() -> None:
    token = USERS.of("anna@example.org")
    assert USERS.of(token) != token
    assert USERS.of("$unattributed") != "$unattributed"
