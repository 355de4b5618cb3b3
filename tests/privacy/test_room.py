"""The room as a whole."""

import subprocess
import sys

import privacy


def test_every_public_name_is_there() -> None:
    for name in privacy.__all__:
        assert getattr(privacy, name) is not None


def test_the_light_part_loads_no_cryptography_and_no_recognizers() -> None:
    code = "import privacy, sys; print(*sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    assert "privacy.plaintext" in loaded
    assert not {"cryptography", "phonenumbers", "re2", "privacy.guard"} & set(loaded)
