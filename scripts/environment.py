"""Makes `.venv`: a pinned uv, the locked packages (each checked by hash), the project itself.

Runs under the Python that `scripts/setup` found, with the standard library only. A stamp says what `.venv`
was built from; while it holds, a further start costs one Python start. The rules, when it does not hold:

- no stamp in a `.venv` that we began: an earlier set-up was interrupted; it is built anew,
- another Python or torch build than the stamp's: built anew,
- another lock: the changed packages are installed over the present ones,
- another pyproject.toml: only the project is installed again,
- a `.venv` that somebody else made: the packages are installed into it; nothing is deleted.
"""

import argparse
import ast
import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "scripts" / "requirements.lock"
UV_LOCK = ROOT / "scripts" / "requirements-uv.lock"
STAMP = VENV / "shopstream-stamp.json"
OURS = VENV / "made-by-scripts-setup"
TORCH_CHOICES = ("default", "cpu")

# What the CUDA build of torch brings along, or fits that build alone, and the CPU build does not need.
CUDA_PARTS = re.compile(r"(torch|torchvision|triton|nvidia-[a-z0-9-]+|cuda-[a-z0-9-]+)==")

NO_INDEX = f"""
The packages of {LOCK.relative_to(ROOT)} could not be fetched from the package index that pip uses here.
- Behind a proxy or a mirror: set HTTPS_PROXY or PIP_INDEX_URL. With a certificate of your own: PIP_CERT.
- Without network: on a machine that has one, of the same system and Python,
      pip download --no-deps -d wheels -r scripts/requirements-uv.lock
      pip download --no-deps -d wheels -r scripts/requirements.lock
  then copy the folder here and start again with PIP_NO_INDEX=1 PIP_FIND_LINKS=/path/to/wheels
""".strip()

NO_TORCH_INDEX = """
SHOPSTREAM_TORCH=cpu takes torch from PyTorch's own package index (uv names it above), which could not be
reached. Allow that address, or start with SHOPSTREAM_TORCH=default: then torch comes from the usual index
(on Linux with CUDA, about 5 GB).
""".strip()


def say(text: str) -> None:
    """One line of progress, on stderr."""
    print(f"setup: {text}", file=sys.stderr, flush=True)


def fail(text: str) -> NoReturn:
    """Ends the program with what to do next."""
    say(text)
    raise SystemExit(1)


# --- the stamp ---------------------------------------------------------------------------------------


def digest(*files: Path) -> str:
    """SHA-256 over the contents of the files, in order."""
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def read_stamp() -> dict[str, str]:
    """What `.venv` was built from; empty when it is not there or not finished."""
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def write_stamp(stamp: Mapping[str, str]) -> None:
    """Whole or not at all."""
    new = STAMP.with_suffix(".new")
    new.write_text(json.dumps(stamp, indent=1) + "\n")
    new.replace(STAMP)


def torch_choice(stamp: Mapping[str, str]) -> str:
    """`SHOPSTREAM_TORCH`; when that is not set, what `.venv` has. Only Linux has a CUDA build to avoid."""
    choice = os.environ.get("SHOPSTREAM_TORCH") or stamp.get("torch", "default")
    if choice not in TORCH_CHOICES:
        fail(f"SHOPSTREAM_TORCH must be one of {', '.join(TORCH_CHOICES)}")
    return choice if sys.platform == "linux" else "default"


def wanted_stamp(torch: str) -> dict[str, str]:
    """What `.venv` should be built from. The folder is in it because scripts in `.venv/bin` name it."""
    return {
        "folder": str(ROOT),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "torch": torch,
        "lock": digest(UV_LOCK, LOCK),
        "project": digest(ROOT / "pyproject.toml"),
    }


def is_ready(wanted: Mapping[str, str]) -> bool:
    """Whether nothing is to be done."""
    return read_stamp() == wanted and venv_python().exists() and venv_tool("shopstream").exists()


# --- the parts ---------------------------------------------------------------------------------------


def venv_tool(name: str) -> Path:
    """A program in `.venv`."""
    return VENV / "bin" / name


def venv_python() -> Path:
    """The Python of `.venv`."""
    return venv_tool("python")


def call(*command: str | Path, env: Mapping[str, str] | None = None) -> bool:
    """Runs a program with its output on stderr; whether it succeeded."""
    return subprocess.run(command, stdout=sys.stderr, env=env, check=False).returncode == 0


def output(*command: str | Path) -> str:
    """What a program prints; empty when it fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def make_venv(wanted: Mapping[str, str], stamp: Mapping[str, str]) -> None:
    """Leaves a `.venv` with the wanted Python; deletes only what this program made."""
    basis = ("folder", "python", "torch")
    fits = venv_python().exists() and all(stamp.get(key) == wanted[key] for key in basis)
    if fits:
        return
    if OURS.exists():
        shutil.rmtree(VENV)
    if VENV.exists():
        version = output(venv_python(), "-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
        if version != wanted["python"]:
            fail(f".venv was made by something else and is not Python {wanted['python']}; move it away first")
        say("using the .venv that is there")
        return
    VENV.mkdir()
    OURS.touch()
    base = getattr(sys, "_base_executable", None) or sys.executable
    if not call(base, "-I", "-m", "venv", VENV):
        fail(f"{base} could not make .venv (see above); Debian, Ubuntu: apt install python3-venv")


def install_uv() -> None:
    """The pinned uv, by pip, checked by hash."""
    pin = re.search(r"^uv==(\S+)", UV_LOCK.read_text(), re.MULTILINE)
    if pin and output(venv_tool("uv"), "--version").split()[1:2] == [pin[1]]:
        return
    if not output(venv_python(), "-m", "pip", "--version") and not call(venv_python(), "-m", "ensurepip"):
        fail("could not put pip into .venv (see above)")
    pip = (venv_python(), "-m", "pip", "--disable-pip-version-check", "--quiet")
    if not call(*pip, "install", "--require-hashes", "--no-deps", "-r", UV_LOCK):
        fail(NO_INDEX)


def pip_settings() -> dict[str, str]:
    """How pip is set up on this machine (files, then environment): option name to value."""
    settings: dict[str, str] = {}
    lines = output(venv_python(), "-m", "pip", "config", "list").splitlines()
    for scope in ("global.", "install.", ":env:."):
        for line in lines:
            key, _, value = line.partition("=")
            if key.startswith(scope):
                with contextlib.suppress(ValueError, SyntaxError):
                    settings[key.removeprefix(scope)] = str(ast.literal_eval(value))
    return settings


def uv_environment(pip: Mapping[str, str]) -> dict[str, str]:
    """The environment in which uv asks and trusts whom pip does; what is set for uv itself wins."""
    derived = {"UV_PYTHON_DOWNLOADS": "never"}
    if "cert" in pip:
        derived["SSL_CERT_FILE"] = pip["cert"]
    if "index-url" in pip:
        derived["UV_DEFAULT_INDEX"] = pip["index-url"]
    if "extra-index-url" in pip:
        derived["UV_INDEX"] = " ".join(pip["extra-index-url"].split())
    if "find-links" in pip:
        derived["UV_FIND_LINKS"] = ",".join(pip["find-links"].split())
    if pip.get("no-index", "").lower() in {"1", "true", "yes", "on"}:
        derived["UV_NO_INDEX"] = "1"
    if "trusted-host" in pip:
        derived["UV_INSECURE_HOST"] = " ".join(pip["trusted-host"].split())
    if "proxy" in pip:
        derived["ALL_PROXY"] = pip["proxy"]
    return {**derived, **os.environ}


def without_cuda(lock: str) -> tuple[str, str]:
    """The lock without torch and its CUDA parts, and torch's locked version."""
    entries = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)
    version = re.search(r"^torch==([^\s;]+)", lock, re.MULTILINE)
    if version is None:
        fail(f"{LOCK.name} names no torch")
    return "".join(entry for entry in entries if not CUDA_PARTS.match(entry)), version[1]


def install_packages(torch: str) -> None:
    """All locked packages. The lock is complete, so nothing is resolved."""
    env = uv_environment(pip_settings())
    quiet = () if sys.stderr.isatty() else ("--quiet",)
    if env.get("UV_NO_INDEX"):
        quiet = (*quiet, "--no-index")
    install = (venv_tool("uv"), "pip", "install", *quiet, "--python", venv_python(), "--no-deps")
    # Where Python may not write there (another user, a read-only image, PYTHONDONTWRITEBYTECODE), each process would
    # compile some 3,000 modules anew, which takes ten seconds.
    install = (*install, "--compile-bytecode")
    if torch == "default":
        if not call(*install, "--require-hashes", "-r", LOCK, env=env):
            fail(NO_INDEX)
        return
    rest, version = without_cuda(LOCK.read_text())
    with tempfile.NamedTemporaryFile("w", suffix=".lock") as small:
        small.write(rest)
        small.flush()
        if not call(*install, "--require-hashes", "-r", small.name, env=env):
            fail(NO_INDEX)
    # The CPU build has hashes of its own, which a lock for the usual index can't hold.
    if not call(*install, "--torch-backend", "cpu", f"torch=={version}", env=env):
        fail(NO_TORCH_INDEX)


def install_project() -> None:
    """The project, editable; its build needs no network, since the build backend is in the lock."""
    install = (venv_tool("uv"), "pip", "install", "--quiet", "--python", venv_python())
    if not call(*install, "--offline", "--no-deps", "--no-build-isolation", "--editable", ROOT):
        fail("could not install the project itself into .venv (see above)")


# --- the whole ---------------------------------------------------------------------------------------


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Holds the folder's lock, so that two starts at once do not build the same `.venv`."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another set-up of this folder is running; waiting for it")
            fcntl.flock(folder, fcntl.LOCK_EX)
        except OSError:
            pass  # a file system without locks
        yield
    finally:
        os.close(folder)


def build(wanted: dict[str, str]) -> None:
    """Makes `.venv` as wanted, with as little work as its stamp allows."""
    started = time.monotonic()
    stamp = read_stamp()
    make_venv(wanted, stamp)
    STAMP.unlink(missing_ok=True)
    unfinished = any(stamp.get(key) != wanted[key] for key in wanted if key != "project")
    if unfinished:
        size = (
            "about 6 GB on Linux with CUDA; SHOPSTREAM_TORCH=cpu takes less"
            if wanted["torch"] == "default"
            else "2 GB"
        )
        say(f"installing the locked packages for Python {wanted['python']} into .venv ({size})")
        install_uv()
        install_packages(wanted["torch"])
    install_project()
    write_stamp(wanted)
    say(f".venv is ready ({time.monotonic() - started:.0f} s)")


def run_uv(wanted: Mapping[str, str], arguments: Sequence[str]) -> NoReturn:
    """Runs the pinned uv as the set-up would, without needing the lock to be right."""
    if not read_stamp():
        make_venv(wanted, {})
    install_uv()
    os.execve(venv_tool("uv"), ["uv", *arguments], uv_environment(pip_settings()))  # noqa: S606 - no shell wanted


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/setup", description="makes .venv; does nothing when it is ready"
    )
    parser.add_argument(
        "--uv", nargs=argparse.REMAINDER, metavar="ARGUMENT", help="run uv instead (for scripts/lock)"
    )
    uv_arguments = parser.parse_args().uv
    wanted = wanted_stamp(torch_choice(read_stamp()))
    if uv_arguments is not None:
        with alone():
            run_uv(wanted, uv_arguments)
    if is_ready(wanted):
        return
    with alone():
        if not is_ready(wanted):
            build(wanted)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
