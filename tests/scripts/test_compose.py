import importlib.metadata
import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from streams.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docker-compose.yml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
WORKERS = [name for name in SERVICES if name.startswith("worker-")]

each_service = pytest.mark.parametrize("name", SERVICES)
each_worker = pytest.mark.parametrize("name", WORKERS)


def test_the_file_keeps_to_the_compose_specification() -> None:
    package = importlib.metadata.distribution("check-jsonschema")
    schema = Path(str(package.locate_file("check_jsonschema/builtin_schemas/vendor/compose-spec.json")))
    jsonschema.validate(COMPOSE, json.loads(schema.read_text()))


def test_docker_compose_accepts_the_file() -> None:
    docker = shutil.which("docker")
    if (
        not docker
        or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode
    ):
        pytest.skip("no docker client with the compose plugin")
    for profile in ("", "gpu"):
        checked = subprocess.run(
            [docker, "compose", "-f", FILE, "--profile", profile, "config", "-q"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert checked.returncode == 0, checked.stderr


def test_the_services_are_those_of_the_design() -> None:
    plain = {name for name, service in SERVICES.items() if "profiles" not in service}
    assert plain == {"kafka", "redis", "redis-keys", "topics", "worker-1", "worker-2"}
    assert SERVICES["worker-gpu"]["profiles"] == ["gpu"]


@each_service
def test_what_a_service_waits_for_exists_and_can_be_waited_for(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        if how["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[other]
        else:
            assert how["condition"] == "service_completed_successfully"
            assert SERVICES[other]["restart"] == "no"


@each_service
def test_every_service_that_stays_has_a_health_check(name: str) -> None:
    service = SERVICES[name]
    if service["restart"] == "no":
        assert "healthcheck" not in service
        return
    check = service["healthcheck"]
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "retries"} <= check.keys()


@each_service
def test_every_volume_is_declared_and_used(name: str) -> None:
    mounted = [volume.split(":")[0] for volume in SERVICES[name].get("volumes", [])]
    assert set(mounted) <= COMPOSE["volumes"].keys()
    everywhere = {
        volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])
    }
    assert everywhere == COMPOSE["volumes"].keys()


@each_service
def test_every_image_has_a_version(name: str) -> None:
    tag = SERVICES[name]["image"].partition(":")[2]
    assert tag
    assert tag != "latest"


@pytest.mark.parametrize("name", [name for name in SERVICES if "build" in SERVICES[name]])
def test_environment_names_and_values_are_those_of_the_settings(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in SERVICES[name]["environment"].items():
        assert variable.startswith("SHOPSTREAM_")
        group, field = variable.removeprefix("SHOPSTREAM_").lower().split("__")
        assert field in type(getattr(Settings(), group)).model_fields, variable
        monkeypatch.setenv(variable, str(value))
    settings = Settings()
    assert settings.kafka.bootstrap == "kafka:19092"
    assert settings.redis.url is not None
    assert settings.redis.url.get_secret_value() == "redis://redis:6379/0"
    assert settings.keys.url is not None
    assert settings.keys.url.get_secret_value() == "redis://redis-keys:6379/0"


def test_workers_have_slots_of_their_own() -> None:
    slots = [SERVICES[name]["environment"]["SHOPSTREAM_WORKER__SLOT"] for name in WORKERS]
    assert len(set(slots)) == len(WORKERS)


@each_worker
def test_a_worker_is_asked_for_readiness_on_the_port_of_its_slot(name: str) -> None:
    service = SERVICES[name]
    port = Settings().web.port + service["environment"]["SHOPSTREAM_WORKER__SLOT"]
    assert f"http://localhost:{port}/readyz" in service["healthcheck"]["test"][-1]


@each_worker
def test_workers_wait_for_broker_state_and_topics_and_share_the_key(name: str) -> None:
    service = SERVICES[name]
    assert service["depends_on"].keys() == {"kafka", "redis", "redis-keys", "topics"}
    key_file = Path(service["environment"]["SHOPSTREAM_KEYS__KEK_FILE"])
    assert f"keys:{key_file.parent}" in service["volumes"]


def test_the_listeners_of_the_broker_agree() -> None:
    kafka = SERVICES["kafka"]["environment"]
    listeners = dict(part.split("://") for part in kafka["KAFKA_LISTENERS"].split(","))
    protocols = dict(part.split(":") for part in kafka["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].split(","))
    advertised = dict(part.split("://") for part in kafka["KAFKA_ADVERTISED_LISTENERS"].split(","))
    assert listeners.keys() == protocols.keys()
    assert listeners.keys() == advertised.keys() | {kafka["KAFKA_CONTROLLER_LISTENER_NAMES"]}
    for name, address in advertised.items():
        assert address.rpartition(":")[2] == listeners[name].rpartition(":")[2]
    assert SERVICES["worker-1"]["environment"]["SHOPSTREAM_KAFKA__BOOTSTRAP"] == advertised["INTERNAL"]
    assert SERVICES["kafka"]["ports"] == ["127.0.0.1:9092:9092"]


def test_the_broker_is_the_version_of_the_embedded_one() -> None:
    jars = tomllib.loads((ROOT / "streams" / "local" / "jgo.toml").read_text())["dependencies"]["coordinates"]
    (version,) = (jar.rpartition(":")[2] for jar in jars if jar.startswith("org.apache.kafka:kafka-clients:"))
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{version}"


def test_keys_are_never_evicted_and_always_written() -> None:
    assert "ports" not in SERVICES["redis-keys"]
    command = SERVICES["redis-keys"]["command"]
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert options == {"--appendonly": "yes", "--appendfsync": "always", "--maxmemory-policy": "noeviction"}


def test_the_image_copies_only_files_that_exist_and_are_sent_to_the_builder() -> None:
    dockerfile = (ROOT / "scripts" / "docker" / "Dockerfile").read_text()
    ignore = (ROOT / "scripts" / "docker" / "Dockerfile.dockerignore").read_text().splitlines()
    copied = [
        name for line in re.findall(r"^COPY (.+) \S+$", dockerfile, re.MULTILINE) for name in line.split()
    ]
    assert {"streams", "models", "privacy", "scripts/requirements.lock"} <= set(copied)
    for name in copied:
        assert (ROOT / name).exists(), name
        assert f"!{name}" in ignore, name


def test_the_image_is_built_from_the_files_that_the_compose_file_names() -> None:
    for service in (service for service in SERVICES.values() if "build" in service):
        assert (ROOT / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
        assert service["build"]["args"]["SHOPSTREAM_TORCH"] in {"cpu", "default"}
