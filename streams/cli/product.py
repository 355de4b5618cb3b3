"""`shopstream product`: how a product fares, by what workers keep of it in Redis."""

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

import click

from streams.cli.output import print_json
from streams.cli.session import BAD_DATA, fail, load_settings, run
from streams.cli.times import moment_of
from streams.printing import printable

if TYPE_CHECKING:
    from streams.settings import ProductSettings, Settings
    from streams.state.product_report import ProductReport
    from streams.state.review_sums import ReviewFigures

WINDOWS: Final = (7, 30, 90)
"""Days, up to today or the day that was asked for."""


@click.command()
@click.argument("product_id")
@click.option(
    "--at", metavar="TIME", help="From when ages and days count back: ISO 8601, UTC without an offset. [now]"
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with the sums of each day.")
def product(*, product_id: str, at: str | None, as_json: bool) -> None:
    """Show how a product fares: what customers did with it, and what its reviews say.

    Stars are the authors' own, or the model's estimate where they gave none. Days are those of the reviews' own times
    (UTC). The figures of `now` weigh each review by its age, by the half-life of the settings. Only sums are kept, so
    erased customers' parts stay in them.

    Exit codes: 0 shown; 1 nothing is known of the product; 2 wrong usage; 78 the settings are not valid, or no
    Redis answers where they point.
    """
    settings = load_settings()
    moment = moment_of(at, "--at") or datetime.now(UTC)
    report = run(_report(settings, product_id))
    if report is None:
        fail(
            BAD_DATA,
            f"nothing is known of a product {printable(product_id)}: nobody viewed, bought or reviewed it,"
            " or `shopstream replay` has to build its state",
        )
    figures = _document(report, settings.products, moment.astimezone(UTC).date())
    if as_json:
        print_json({"product_id": product_id, **figures})
    else:
        click.echo("\n".join(_lines(product_id, figures)))


async def _report(settings: "Settings", product_id: str) -> "ProductReport | None":
    from redis.asyncio import Redis
    from redis.exceptions import RedisError

    from streams.client.connection import joined
    from streams.client.errors import NotSetUp
    from streams.state.product_report import product_report

    if settings.redis.url is None:
        settings = await joined(settings)
    if settings.redis.url is None:
        raise NotSetUp("no Redis: set SHOPSTREAM_REDIS__URL, as for the workers")
    async with Redis.from_url(settings.redis.url.get_secret_value()) as client:
        try:
            return await product_report(client, settings.group_id, product_id)
        except (RedisError, OSError) as error:
            raise NotSetUp(
                f"no answer from Redis ({type(error).__name__}): check the SHOPSTREAM_REDIS__… settings"
            ) from error


def _document(report: "ProductReport", settings: "ProductSettings", last: date) -> dict[str, Any]:
    reviews = report.reviews
    return {
        "counts": dict(report.counts),
        "popularity": _rounded(report.popularity),
        "rank": report.rank,
        "opinion": _rounded(report.opinion),
        "until": last.isoformat(),
        "half_life_days": settings.half_life_days,
        "lateness_days": settings.lateness_days,
        "now": _figures(reviews.decayed(last, settings.half_life_days, settings.lateness_days)),
        "windows": [{"days": days, **_figures(reviews.window(days, last))} for days in WINDOWS],
        "all": _figures(reviews.all()),
        "days": [{"day": day.isoformat(), **_figures(one)} for day, one in reviews.days.items()],
        "older": _figures(reviews.older),
    }


def _figures(figures: "ReviewFigures") -> dict[str, Any]:
    shares = figures.shares
    return {
        "reviews": _rounded(figures.reviews),
        "rated": _rounded(figures.rated),
        "stars": _rounded(figures.stars),
        "sentiment": shares and {label: _rounded(share) for label, share in shares.items()},
        "aspects": {
            aspect: {label: _rounded(count) for label, count in counts.items()}
            for aspect, counts in figures.aspects.items()
        },
    }


def _rounded(number: float | None) -> float | None:
    """To four decimals; below 1 to four digits that count: old reviews' weights are small, their shares are not."""
    if number is None:
        return None
    return round(number, 4) if number >= 1 else float(f"{number:.4g}")


def _lines(product_id: str, figures: dict[str, Any]) -> list[str]:
    counts = ", ".join(f"{kind} {count:,}" for kind, count in figures["counts"].items())
    lines = [f"{printable(product_id)}: {counts}"]
    if figures["popularity"] is not None:
        place = f", place {figures['rank']}" if figures["rank"] else ""
        lines.append(f"popularity {figures['popularity']:.1%} of the most popular product's{place}")
    lines += ["", f"{'reviews':<16}{'number':>9}{'stars':>8}{'negative':>10}{'neutral':>10}{'positive':>10}"]
    rows = [("now (decayed)", figures["now"])]
    rows += [(f"last {one['days']} days", one) for one in figures["windows"]]
    lines += [_row(name, one) for name, one in [*rows, ("all", figures["all"])]]
    if aspects := figures["now"]["aspects"]:
        lines += [
            "",
            f"{'aspects, decayed':<16}{'number':>9}{'':>8}{'negative':>10}{'mixed':>10}{'positive':>10}",
        ]
        lines += [_aspect(name, by_label) for name, by_label in aspects.items()]
    return lines


def _row(name: str, one: dict[str, Any]) -> str:
    stars = "-" if one["stars"] is None else f"{one['stars']:.2f}"
    shares = _shares(one["sentiment"]) if one["sentiment"] else f"{'-':>10}" * 3
    return f"{name:<16}{one['reviews']:>9,.1f}{stars:>8}{shares}"


def _aspect(name: str, counts: dict[str, float]) -> str:
    total = sum(counts.values())
    shares = {label: count / total if total else 0.0 for label, count in counts.items()}
    return f"{printable(name):<16}{total:>9,.1f}{'':>8}{_shares(shares)}"


def _shares(shares: dict[str, float]) -> str:
    return "".join(f"{share:>10.0%}" for share in shares.values())
