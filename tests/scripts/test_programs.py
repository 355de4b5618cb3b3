import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = sorted(
    [path for path in (ROOT / "scripts").iterdir() if path.is_file() and not path.suffix]
    + [ROOT / ".ci" / "run"]
)
SHELL_PROGRAMS = [path for path in PROGRAMS if path.read_text().startswith("#!/usr/bin/env bash")]

each_program = pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.name)
each_shell_program = pytest.mark.parametrize("path", SHELL_PROGRAMS, ids=lambda path: path.name)


def run(*command: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **environment}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_the_commands_of_the_project_are_there() -> None:
    assert {"setup", "demo", "test", "check", "bench", "lock", "run"} <= {path.name for path in PROGRAMS}


@each_program
def test_a_program_can_be_executed_and_names_its_interpreter(path: Path) -> None:
    assert os.access(path, os.X_OK), f"chmod +x {path}"
    assert path.read_text().startswith("#!/usr/bin/env ")


@each_shell_program
def test_a_shell_program_is_valid_and_stops_on_unset_variables(path: Path) -> None:
    checked = run("bash", "-n", path)
    assert checked.returncode == 0, checked.stderr
    assert "set -euo pipefail" in path.read_text() or "set -uo pipefail" in path.read_text()


@each_shell_program
def test_a_shell_program_says_what_it_is_for(path: Path) -> None:
    assert path.read_text().splitlines()[1].startswith("# ")


def test_continuous_integration_runs_the_test_command() -> None:
    assert "exec ./scripts/test" in (ROOT / ".ci" / "run").read_text()


@pytest.mark.parametrize("arguments", [[], ["--help"], ["no-such-benchmark"]])
def test_bench_without_a_known_name_lists_the_names(arguments: list[str]) -> None:
    benchmarks = sorted(path.stem for path in (ROOT / "scripts" / "benchmarks").glob("[a-z]*.py"))
    said = run("scripts/bench", *arguments)
    assert said.returncode == 2
    assert said.stdout == ""
    assert [line.strip() for line in said.stderr.splitlines() if line.startswith("  ")] == benchmarks


def test_check_refuses_an_option_it_does_not_know() -> None:
    said = run("scripts/check", "--fxi")
    assert said.returncode == 2
    assert "usage: scripts/check" in said.stderr
