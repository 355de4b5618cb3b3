"""Settings of an installation that has keys and needs no broker."""

from pathlib import Path
from typing import Any

from pydantic import SecretStr

from streams.settings import KeySettings, PrivacySettings, Settings


def key_settings(url: str, tenant: str, folder: Path, **keys: Any) -> Settings:
    return Settings(
        data_dir=folder,
        keys=KeySettings(url=SecretStr(url), **keys),
        privacy=PrivacySettings(tenant=tenant),
    )
