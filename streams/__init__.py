"""Shopstream's stream room: all that knows Kafka, Faust and Redis.

`faust -A streams worker -l info` finds the Faust app here. It is built on first use, so that
`from streams.client import …` costs neither Faust nor torch.
"""


def __getattr__(name: str) -> object:
    if name == "app":
        from importlib import import_module

        # Faust asks twice; by then importing the module has put the module itself under this name.
        app = globals()["app"] = import_module("streams.app").app
        return app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
