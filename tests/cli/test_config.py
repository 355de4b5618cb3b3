from pathlib import Path

from streams.settings import Settings
from tests.cli.conftest import Shell


def test_secrets_are_hidden_and_sources_told(shopstream: Shell, settings: Settings) -> None:
    secrets = {
        "SHOPSTREAM_KAFKA__SASL_PASSWORD": "hunter2",
        "SHOPSTREAM_REDIS__URL": "redis://:hunter2@cache",
    }
    said = shopstream("config", "--json", **secrets)
    assert said.code == 0
    assert "hunter2" not in said.out
    rows = said.json["settings"]
    assert rows["kafka.sasl_password"] == {
        "value": "***",
        "source": "environment",
        "variable": "SHOPSTREAM_KAFKA__SASL_PASSWORD",
    }
    assert rows["kafka.bootstrap"]["value"] == settings.kafka.bootstrap
    assert rows["worker.attempts"] == {
        "value": 3,
        "source": "default",
        "variable": "SHOPSTREAM_WORKER__ATTEMPTS",
    }
    assert said.json["embedded"]["kafka"] is False


def test_a_file_is_named_as_a_source(shopstream: Shell, tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    file = tmp_path / "shop.toml"
    file.write_text("[worker]\nattempts = 5\n[models]\nthreads = 2\n")
    environment = os.environ | {"SHOPSTREAM_CONFIG": str(file), "SHOPSTREAM_MODELS__THREADS": "1"}
    code = "from streams.cli import main; main()"
    out = subprocess.check_output([sys.executable, "-c", code, "config"], env=environment, text=True)
    assert any(line.split() == ["worker.attempts", "5", "file", str(file)] for line in out.splitlines())
    assert any(line.split() == ["models.threads", "1", "environment"] for line in out.splitlines())


def test_people_see_what_is_embedded(shopstream: Shell) -> None:
    said = shopstream("config")
    assert "redis: the embedded default" in said.out
    assert "kafka: as the settings say" in said.out


def test_a_running_embedded_stack_is_shown(shopstream: Shell, stack: object, kafka: str) -> None:
    said = shopstream("config", "--json", SHOPSTREAM_DATA_DIR=str(stack.data_dir))  # type: ignore[attr-defined]
    assert said.json["embedded"]["running"]["bootstrap"] == kafka


def test_a_misspelt_variable_is_told(shopstream: Shell) -> None:
    said = shopstream("config", SHOPSTREAM_KAFAK__BOOTSTRAP="x")
    assert said.code == 0
    assert "SHOPSTREAM_KAFAK__BOOTSTRAP" in said.err


def test_rules_for_topics_may_be_given_by_variables_of_their_own(shopstream: Shell) -> None:
    said = shopstream("config", "--json", SHOPSTREAM_PRIVACY__TOPICS__QUERIES__ORIGINAL="seal")
    assert said.json["settings"]["privacy.topics"]["value"] == {"queries": {"original": "seal"}}
    assert said.json["unknown_variables"] == []


def test_a_config_file_that_is_not_there_is_an_error(shopstream: Shell) -> None:
    said = shopstream("config", SHOPSTREAM_CONFIG="/nowhere/shop.toml")
    assert said.code == 78
    assert "SHOPSTREAM_CONFIG" in said.err


def test_invalid_settings_are_named_without_their_value(shopstream: Shell) -> None:
    said = shopstream("config", SHOPSTREAM_WORKER__ATTEMPTS="hunter2")
    assert said.code == 78
    assert "worker.attempts" in said.err
    assert "hunter2" not in said.err
