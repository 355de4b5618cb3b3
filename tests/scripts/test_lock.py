import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts import environment

ROOT = Path(__file__).resolve().parents[2]
LOCKS = [environment.LOCK, environment.UV_LOCK]
ENTRY = re.compile(r"^(?=[a-zA-Z0-9])", re.MULTILINE)
PINNED = re.compile(r"(?P<name>[a-z0-9-]+)==(?P<version>[^\s;]+)")

each_lock = pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)


def entries(text: str) -> list[str]:
    """Each requirement with the lines that belong to it."""
    return [entry for entry in ENTRY.split(text) if not entry.startswith("#")]


def versions(text: str) -> dict[str, set[str]]:
    """Name to locked versions: more than one where Python 3.11 and 3.12 differ."""
    found: dict[str, set[str]] = {}
    for match in map(PINNED.match, entries(text)):
        assert match is not None
        found.setdefault(match["name"], set()).add(match["version"])
    return found


@each_lock
def test_every_requirement_is_exact_and_has_hashes(lock: Path) -> None:
    text = lock.read_text()
    assert entries(text)
    for entry in entries(text):
        assert PINNED.match(entry), entry.splitlines()[0]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), entry.splitlines()[0]


@each_lock
def test_a_lock_names_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|--index-url|--extra-index-url|--find-links)\b", text, re.MULTILINE)


def test_the_lock_answers_every_dependency_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    locked = versions(environment.LOCK.read_text())
    for requirement in (Requirement(line) for group in groups for line in group):
        held = locked.get(canonicalize_name(requirement.name), set())
        assert held, f"{requirement.name} is not locked; run scripts/lock"
        for version in held:
            assert requirement.specifier.contains(version), (
                f"{requirement} is locked at {version}; run scripts/lock"
            )


def test_the_locked_uv_is_the_one_that_writes_the_lock() -> None:
    said = re.search(r"^uv_version=(\S+)$", (ROOT / "scripts" / "lock").read_text(), re.MULTILINE)
    assert said is not None
    assert versions(environment.UV_LOCK.read_text()) == {"uv": {said[1]}}


def test_the_small_torch_leaves_out_torch_and_cuda_and_nothing_else() -> None:
    whole = environment.LOCK.read_text()
    rest, version = environment.without_cuda(whole)
    left_out = versions(whole).keys() - versions(rest).keys()
    assert {version} == versions(whole)["torch"]
    assert {"torch", "triton"} <= left_out
    assert all(
        name in {"torch", "torchvision", "triton"} or name.startswith(("nvidia-", "cuda-"))
        for name in left_out
    )
    kept = [entry for entry in entries(whole) if entry.partition("==")[0] not in left_out]
    assert entries(rest) == kept


def test_a_lock_without_torch_is_refused() -> None:
    with pytest.raises(SystemExit):
        environment.without_cuda("numpy==2.0.0 \\\n    --hash=sha256:00\n")
