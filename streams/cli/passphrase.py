"""The passphrase of an encrypted file: from the environment, or typed without echo."""

import os
import sys

import click

from streams.cli.session import SETTINGS, fail

VARIABLE = "SHOPSTREAM_PASSPHRASE"


def passphrase(*, new: bool) -> str:
    """The passphrase; ends the command where there is none to be had.

    Args:
        new: whether a file is written under it: it is asked for twice, since a slip would lock the file for good.
    """
    if given := os.environ.get(VARIABLE):
        return given
    if not sys.stdin.isatty():
        fail(SETTINGS, f"no passphrase: set {VARIABLE}, or call from a terminal")
    typed: str = click.prompt("Passphrase", hide_input=True, confirmation_prompt=new, err=True)
    return typed
