"""Kafka's jars: the committed lock, and what happens when one is missing, damaged or not the right one."""

import shutil
import socket
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from jgo.env import LockFile, compute_spec_hash

from streams.local import JarDamaged, JarsUnavailable, LocalStack
from streams.local.__main__ import main
from streams.local.jars import LOCK, SPECIFICATION, Jar, JarCache, default_cache, locked_jars


@pytest.fixture(scope="module")
def whole() -> Path:
    """The user's cache, filled."""
    cache = JarCache()
    cache.classpath()
    return cache.folder


@pytest.fixture
def cache(whole: Path, tmp_path: Path) -> Path:
    """A copy that may be damaged."""
    return Path(shutil.copytree(whole, tmp_path / "jars"))


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every request goes to a port that nobody listens on; no jars in the user's own Maven folder."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = f"http://127.0.0.1:{taken.getsockname()[1]}"
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, closed)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("M2_REPO", str(tmp_path / "no-maven"))


def test_the_lock_belongs_to_the_specification_and_names_a_sha256_for_all() -> None:
    lock = LockFile.load(LOCK)
    assert lock.spec_hash == compute_spec_hash(SPECIFICATION)
    wanted = tomllib.loads(SPECIFICATION.read_text())["dependencies"]["coordinates"]
    locked = locked_jars()
    assert set(wanted) <= {jar.coordinate for jar in locked}
    assert all(len(jar.sha256) == 64 for jar in locked)
    assert len({(jar.group, jar.name) for jar in locked}) == len(locked)


def test_kafka_and_its_clients_are_of_one_version() -> None:
    assert len({jar.version for jar in locked_jars() if jar.group == "org.apache.kafka"}) == 1


def test_no_network_at_the_first_start_says_what_to_fetch_and_where_to_put_it(
    no_network: None, tmp_path: Path
) -> None:
    stack = LocalStack(tmp_path / "data", cache_dir=tmp_path / "empty")
    with pytest.raises(JarsUnavailable) as raised:
        stack.start()
    message = str(raised.value)
    assert "45 of Kafka's jars are not in" in message
    assert "org.apache.kafka:kafka_2.13:4." in message
    assert "org.apache.kafka:kafka-clients:4." in message
    assert f"tar -xzf jars.tar.gz -C '{tmp_path / 'empty'}'" in message
    assert "python -m streams.local fetch --into jars" in message
    assert "SHOPSTREAM_KAFKA__BOOTSTRAP" in message
    assert "refused" in message
    assert "Traceback" not in message


def test_what_the_message_says_brings_the_jars(no_network: None, whole: Path, tmp_path: Path) -> None:
    carried = shutil.make_archive(str(tmp_path / "jars"), "gztar", whole)
    target = tmp_path / "cache"
    target.mkdir()
    shutil.unpack_archive(carried, target, filter="data")
    assert all(jar.is_relative_to(target) for jar in JarCache(target).classpath())


def test_a_damaged_jar_is_fetched_again(cache: Path) -> None:
    victim = damage(cache, "argparse4j")
    told: list[str] = []
    JarCache(cache, told.append).classpath()
    assert any(f"{victim.coordinate} in {cache} is damaged" in line for line in told)
    assert JarCache(cache)._state(victim) == ""


def test_a_damaged_jar_without_network_is_an_error_that_names_it(no_network: None, cache: Path) -> None:
    victim = damage(cache, "kafka-clients")
    with pytest.raises(JarDamaged, match=f"{victim.coordinate} \\(damaged\\)"):
        LocalStack(cache.parent / "data", cache_dir=cache).start()


def test_a_fetched_jar_that_is_not_the_locked_one_is_refused_and_not_kept(cache: Path) -> None:
    real = next(jar for jar in locked_jars() if jar.name == "argparse4j")
    other = Jar(real.group, real.name, real.version, "0" * 64)
    (cache / real.path).unlink()
    with pytest.raises(JarDamaged, match=f"{real.coordinate} as fetched has SHA-256 {real.sha256}"):
        JarCache(cache).classpath([other])
    assert not (cache / real.path).exists()
    assert not list(cache.glob(".incoming-*"))


def test_a_jar_of_the_users_own_maven_folder_is_taken(
    no_network: None, monkeypatch: pytest.MonkeyPatch, whole: Path, cache: Path
) -> None:
    jar = locked_jars()[0]
    (cache / jar.path).unlink()
    monkeypatch.setenv("M2_REPO", str(whole))
    JarCache(cache).classpath()
    assert (cache / jar.path).exists()


def test_the_cache_follows_the_users_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache() == tmp_path / "shopstream" / "jars"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_cache() == tmp_path / ".cache" / "shopstream" / "jars"


def test_the_fetch_command_fills_a_folder_and_fails_with_the_message(no_network: None, whole: Path) -> None:
    done = CliRunner().invoke(main, ["fetch", "--into", str(whole)])
    assert done.exit_code == 0
    assert "45 jars" in done.output
    failed = CliRunner().invoke(main, ["fetch", "--into", str(whole.parent / "never")])
    assert failed.exit_code == 1
    assert "Bring jars.tar.gz here" in failed.output
    shutil.rmtree(whole.parent / "never")


def damage(cache: Path, name: str) -> Jar:
    jar = next(jar for jar in locked_jars() if jar.name == name)
    path = cache / jar.path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    return jar
