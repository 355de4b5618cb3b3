"""The small house."""

from pathlib import Path

import pytest

from tests.agents.small_house import SmallHouse


@pytest.fixture
def house(tmp_path: Path) -> SmallHouse:
    """With nothing in it yet."""
    return SmallHouse(tmp_path)
