import json
import os
import shutil
import subprocess
import sys
import time
from importlib.util import cache_from_source
from pathlib import Path

import pytest

from scripts import environment

ROOT = Path(__file__).resolve().parents[2]
SETUP_FILES = ("setup", "environment.py", "requirements.lock", "requirements-uv.lock")
made_by_setup = pytest.mark.skipif(
    not environment.STAMP.exists(), reason=".venv was not made by scripts/setup"
)
"""For what only that sees to: whoever made `.venv` by hand has it otherwise."""
LISTENS_NOWHERE = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/nonexistent", "UV_OFFLINE": "1"}


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """The project as far as setup needs it."""
    folder = tmp_path / "clone"
    (folder / "scripts").mkdir(parents=True)
    for name in SETUP_FILES:
        shutil.copy(ROOT / "scripts" / name, folder / "scripts" / name)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A PATH with what the shell part needs and no Python."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in ("bash", "dirname", "env"):
        (folder / name).symlink_to(shutil.which(name) or name)
    return folder


def setup(folder: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name not in {"PYTHON", "SHOPSTREAM_TORCH"}}
    return subprocess.run(
        [folder / "scripts" / "setup"],
        env={**env, **extra},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def put_python(folder: Path, name: str, body: str) -> None:
    path = folder / name
    path.write_text(f"#!{shutil.which('bash')}\n{body}\n")
    path.chmod(0o755)


def reports_its_python(clone: Path) -> None:
    """In place of the set-up itself, to see which Python the shell part chose."""
    (clone / "scripts" / "environment.py").write_text("import os; print(os.environ['CHOSEN'])\n")


# --- which Python ------------------------------------------------------------------------------------


def test_without_a_python_the_message_says_which_to_install(clone: Path, tools: Path) -> None:
    said = setup(clone, PATH=str(tools))
    assert said.returncode == 1
    assert "found no Python 3.11 or 3.12" in said.stderr
    assert "PYTHON=/path/to/python3.12" in said.stderr


def test_a_python_that_does_not_run_is_passed_over(clone: Path, tools: Path) -> None:
    reports_its_python(clone)
    put_python(tools, "python3.12", "echo 'command not found' >&2; exit 127")
    put_python(tools, "python3.11", f'CHOSEN=python3.11 exec {sys.executable} "$@"')
    said = setup(clone, PATH=str(tools))
    assert (said.returncode, said.stdout) == (0, "python3.11\n")


def test_a_python_without_the_venv_module_is_named(clone: Path, tools: Path) -> None:
    put_python(tools, "python3", f'[[ $3 == *ensurepip* ]] && exit 1; exec {sys.executable} "$@"')
    said = setup(clone, PATH=str(tools))
    assert said.returncode == 1
    assert f"{tools}/python3 would do, but it lacks the venv module" in said.stderr
    assert "python3-venv" in said.stderr


def test_the_python_that_is_asked_for_is_taken(clone: Path, tools: Path) -> None:
    reports_its_python(clone)
    put_python(tools, "mine", f'CHOSEN=mine exec {sys.executable} "$@"')
    assert setup(clone, PYTHON=str(tools / "mine")).stdout == "mine\n"


def test_a_wrong_python_that_is_asked_for_is_refused(clone: Path, tools: Path) -> None:
    put_python(tools, "python3.10", "exit 1")
    said = setup(clone, PYTHON=str(tools / "python3.10"))
    assert said.returncode == 1
    assert "is not Python 3.11 or 3.12" in said.stderr


# --- the second start --------------------------------------------------------------------------------


@made_by_setup
def test_a_second_start_is_quick_and_silent() -> None:
    setup(ROOT)
    start = time.monotonic()
    said = setup(ROOT)
    assert time.monotonic() - start < 2
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


@made_by_setup
def test_packages_are_compiled_also_those_that_nobody_imported() -> None:
    (package,) = environment.VENV.glob("lib/python3.*/site-packages/transformers")
    source = package / "models" / "zamba" / "modeling_zamba.py"
    assert source.is_file()
    assert Path(cache_from_source(source)).is_file()


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A `.venv` that looks finished, with its stamp."""
    venv = tmp_path / ".venv"
    monkeypatch.setattr(environment, "VENV", venv)
    monkeypatch.setattr(environment, "STAMP", venv / environment.STAMP.name)
    monkeypatch.setattr(environment, "OURS", venv / environment.OURS.name)
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(sys.executable)
    (venv / "bin" / "shopstream").touch()
    stamp = environment.wanted_stamp("default")
    environment.write_stamp(stamp)
    return stamp


def test_a_finished_environment_is_ready(built: dict[str, str]) -> None:
    assert environment.is_ready(built)


@pytest.mark.parametrize("key", ["folder", "python", "torch", "lock", "project"])
def test_any_difference_from_the_stamp_asks_for_work(built: dict[str, str], key: str) -> None:
    assert not environment.is_ready({**built, key: "another"})


@pytest.mark.parametrize("broken", ["", "{", "[]", "{}"])
def test_a_broken_stamp_asks_for_work(built: dict[str, str], broken: str) -> None:
    environment.STAMP.write_text(broken)
    assert not environment.is_ready(built)


def test_a_python_that_went_away_asks_for_work(built: dict[str, str]) -> None:
    (environment.VENV / "bin" / "python").unlink()
    (environment.VENV / "bin" / "python").symlink_to("/nonexistent/python3.11")
    assert not environment.is_ready(built)


# --- what is kept and what is built anew -------------------------------------------------------------


def test_another_lock_keeps_the_environment(built: dict[str, str]) -> None:
    environment.make_venv({**built, "lock": "another"}, built)
    assert (environment.VENV / "bin" / "shopstream").exists()


def test_an_unfinished_environment_of_ours_is_built_anew(built: dict[str, str]) -> None:
    environment.OURS.touch()
    environment.make_venv(built, {})
    assert environment.OURS.exists()
    assert (environment.VENV / "pyvenv.cfg").exists()
    assert not (environment.VENV / "bin" / "shopstream").exists()


@pytest.mark.parametrize("stamp", [{"torch": "cpu"}, {"python": "3.9"}, {"folder": "/elsewhere"}])
def test_an_environment_of_ours_that_does_not_fit_is_built_anew(
    built: dict[str, str], stamp: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.OURS.touch()
    called: list[tuple[str | Path, ...]] = []

    def call(*command: str | Path) -> bool:
        called.append(command)
        return True

    monkeypatch.setattr(environment, "call", call)
    environment.make_venv(built, {**built, **stamp})
    assert [command[-2:] for command in called] == [("venv", environment.VENV)]
    assert not (environment.VENV / "bin" / "shopstream").exists()


def test_nothing_is_deleted_from_an_environment_that_somebody_else_made(built: dict[str, str]) -> None:
    environment.make_venv(built, {})
    assert (environment.VENV / "bin" / "shopstream").exists()


def test_an_environment_of_somebody_else_with_another_python_is_refused(
    built: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        environment.make_venv({**built, "python": "3.12" if built["python"] == "3.11" else "3.11"}, {})
    assert "move it away" in capsys.readouterr().err


# --- without network ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_without_network_the_message_says_what_to_fetch_and_the_next_start_begins_anew(clone: Path) -> None:
    python = {"PYTHON": sys.executable}
    said = setup(clone, **LISTENS_NOWHERE, **python)
    assert said.returncode == 1
    assert said.stdout == ""
    assert "pip download --no-deps -d wheels -r scripts/requirements.lock" in said.stderr
    assert not (clone / ".venv" / environment.STAMP.name).exists()

    (clone / ".venv" / "left-behind").touch()
    assert setup(clone, **LISTENS_NOWHERE, **python).returncode == 1
    assert not (clone / ".venv" / "left-behind").exists()


# --- torch and the index -----------------------------------------------------------------------------


def test_the_torch_choice_stays_until_another_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("SHOPSTREAM_TORCH", raising=False)
    assert environment.torch_choice({}) == "default"
    assert environment.torch_choice({"torch": "cpu"}) == "cpu"
    monkeypatch.setenv("SHOPSTREAM_TORCH", "default")
    assert environment.torch_choice({"torch": "cpu"}) == "default"
    monkeypatch.setenv("SHOPSTREAM_TORCH", "gpu")
    with pytest.raises(SystemExit):
        environment.torch_choice({})


def test_off_linux_there_is_only_one_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setenv("SHOPSTREAM_TORCH", "cpu")
    assert environment.torch_choice({}) == "default"


def test_uv_asks_and_trusts_whom_pip_does(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SSL_CERT_FILE", "UV_DEFAULT_INDEX", "UV_FIND_LINKS", "UV_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    pip = {"cert": "/ca.pem", "index-url": "mirror", "find-links": "/a /b", "no-index": "true"}
    env = environment.uv_environment(pip)
    assert env["SSL_CERT_FILE"] == "/ca.pem"
    assert env["UV_DEFAULT_INDEX"] == "mirror"
    assert env["UV_FIND_LINKS"] == "/a,/b"
    assert env["UV_NO_INDEX"] == "1"


def test_what_is_set_for_uv_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/mine.pem")
    assert environment.uv_environment({"cert": "/ca.pem"})["SSL_CERT_FILE"] == "/mine.pem"


def test_the_stamp_is_written_as_json(built: dict[str, str]) -> None:
    assert json.loads(environment.STAMP.read_text()) == built
