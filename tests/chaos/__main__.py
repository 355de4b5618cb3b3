"""`scripts/chaos`: the kill test at any length, on a broker of its own."""

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

from streams.local import LocalStack
from tests.chaos import services
from tests.chaos.run import Plan, Setting, kill_test


def main() -> int:
    """Exit 0 when every event was answered exactly once, else 1."""
    parser = argparse.ArgumentParser(
        prog="scripts/chaos", description="Kill workers under load, then count events."
    )
    parser.add_argument(
        "--kills", type=int, default=100, help="faults: SIGKILL, SIGTERM and SIGSTOP at random"
    )
    parser.add_argument(
        "--events", type=int, default=100_000, help="reviews produced meanwhile, 1 %% malformed"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--no-fence", action="store_true", help="negative control: must lose or double events"
    )
    parser.add_argument(
        "--services",
        action="store_true",
        help="all topics and services instead of reviews alone; Redis is killed, too, and loses the end of its file",
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.services:
        return of_services(options)
    plan = Plan(options.events, options.kills, options.seed, fence=not options.no_fence)
    with tempfile.TemporaryDirectory(prefix="shopstream-chaos-") as name:
        folder = Path(name)
        with LocalStack(folder / "stack", progress=say) as stack:
            setting = Setting(stack.endpoints, "chaos-", folder / "run")
            report = asyncio.run(kill_test(setting, plan, say))
    if options.json:
        print(
            json.dumps(
                {
                    "holds": report.balance.holds,
                    "inputs": report.balance.inputs,
                    "lost": len(report.balance.lost),
                    "doubled": len(report.balance.doubled),
                    "dead_letters": report.balance.dead,
                    "faults": report.faults,
                    "exits": report.exits,
                    "seconds": round(report.seconds, 1),
                }
            )
        )
    else:
        print(
            f"{report.balance}\nfaults {dict(report.faults)}, exits {dict(report.exits)}, {report.seconds:.0f} s"
        )
    return 0 if report.balance.holds else 1


def of_services(options: argparse.Namespace) -> int:
    """The kill test of all services; then the state in Redis is compared with one built anew from the topic."""
    plan = services.Plan(options.events, options.kills, max(1, options.kills // 6), options.seed)
    with tempfile.TemporaryDirectory(prefix="shopstream-chaos-") as name:
        folder = Path(name)
        with LocalStack(folder / "stack", progress=say) as stack:
            report = asyncio.run(services.kill_test(stack, "chaos-", folder / "run", plan, say))
            rebuilt = asyncio.run(services.rebuilt(stack, "chaos-", folder / "run"))
    same = report.state == rebuilt
    if options.json:
        counts = {name: balance.document() for name, balance in report.balances.items()}
        print(
            json.dumps(
                {
                    "holds": report.holds,
                    "state_as_rebuilt": same,
                    "counts": counts,
                    "faults": report.faults,
                    "exits": report.exits,
                    "seconds": round(report.seconds, 1),
                }
            )
        )
    else:
        print(f"{report}\nstate in Redis {'is' if same else 'is NOT'} what a replay builds from user-changes")
    return 0 if report.holds and same else 1


def say(what: str) -> None:
    """Progress, beside the result."""
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
