"""Vectors on the wire: what is packed is read again, and nothing else is read."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.contracts.records import CatalogEntry
from streams.contracts.vectors import Vector, pack, unpack

HALVES = st.floats(width=16, allow_nan=False, allow_infinity=False)
PATTERN = next(
    found.pattern for found in CatalogEntry.model_fields["vector"].metadata if getattr(found, "pattern", None)
)


def vector(*numbers: float) -> Vector:
    return np.array(numbers, np.float32)


@given(st.lists(HALVES, min_size=1, max_size=768))
def test_halves_come_back_as_they_were_and_the_contract_takes_them(numbers: list[float]) -> None:
    packed = pack(vector(*numbers))
    again = unpack(packed)
    assert again.dtype == np.float32
    assert np.array_equal(again, vector(*numbers))
    assert pack(again) == packed
    assert re.fullmatch(PATTERN, packed)


@given(st.integers(0, 2**32 - 1), st.sampled_from([64, 384, 1024]))
def test_a_direction_stays_what_it_was(seed: int, width: int) -> None:
    raw = np.random.default_rng(seed).standard_normal(width).astype(np.float32)
    unit = raw / np.linalg.norm(raw)
    again = unpack(pack(unit))
    assert float(unit @ again / np.linalg.norm(again)) > 1 - 1e-6
    assert abs(float(np.linalg.norm(again)) - 1) < 1e-3


def test_bytes_are_little_endian_whatever_the_machine() -> None:
    assert pack(vector(1.0, -2.0)) == "ADwAwA=="  # 0x3C00, 0xC000


@pytest.mark.parametrize("packed", ["AAA", "AAAA", "A", "A===", "ADw$wA==", "ADwAwA==\n", "ADwA wA="])
def test_what_is_no_vector_is_refused(packed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - binascii's, base64's or numpy's
        unpack(packed)
