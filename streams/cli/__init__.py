"""The `shopstream` command. Each sub-command is a module, imported when it is called, so that none pays for others."""

import importlib

import click

COMMANDS = {
    "access": "Let callers in, and say what each may do.",
    "ask": "Ask the running workers: a search, or a customer's question.",
    "audit": "Read the audit log, and verify that it is whole.",
    "backup": "Save keys, roles and audit log in one encrypted file.",
    "config": "Print the effective settings, secrets hidden.",
    "contracts": "Print JSON Schema and AsyncAPI documents.",
    "demo": "Run the embedded default, stream a small shop through it, and prove the counts.",
    "erase": "Forget a user for good, and prove it.",
    "evaluate": "Measure search, recommendations and support on judged data.",
    "keys": "Make, list, rotate, export and import keys.",
    "local": "Run the embedded Kafka and Valkey until interrupted.",
    "models": "Show, prepare and measure the models of the settings.",
    "privacy": "Show what would be masked in a file, and why.",
    "produce": "Send events from a file to a topic.",
    "product": "Show how a product fares: interest, stars, sentiment and aspects of its reviews.",
    "redrive": "Send dead letters' originals back to their topics.",
    "replay": "Build users' and products' state anew from the record of changes.",
    "restore": "Bring keys, roles and audit log back from a backup.",
    "reveal": "Show the original of what was masked, for a stated purpose.",
    "tail": "Print what a topic holds, as it comes.",
    "topics": "Create, compare and list the topics.",
    "train": "Train a model from labelled data.",
    "validate": "Check events against their contract.",
    "worker": "Run workers.",
}
"""Sub-command and its line of help; the module of the same name in this package has a click command of that name."""


class LazyGroup(click.Group):
    """Imports a sub-command's module only when it is run or asked for help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All of them, by name."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"streams.cli.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Their lines of help, without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="shopstream", message="%(version)s")
def main() -> None:
    """Shopstream: reviews, searches and support tickets understood as they stream, exactly once and in private."""
