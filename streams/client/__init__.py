"""What a Python shop uses: send events, ask for their answers, follow results.

```python
async with Shopstream.connect() as shop:
    await shop.produce(review)
    insight = await shop.ask(review, timeout=10)
    async for insight in shop.results(REVIEW_INSIGHTS):
        ...
```

With the installation's public key (`shopstream keys public`) people's words are sealed before they are sent:
`Shopstream.connect(seal_with=PublicKey.load(Path("shop.json")))`.

Light to import: neither Faust nor torch.
"""

from privacy.hpke import PublicKey
from streams.client.errors import ClientError, EventRefused, NoAnswer, NotDelivered, NotSetUp
from streams.client.outbox import Place
from streams.client.shopstream import Shopstream

__all__ = [
    "ClientError",
    "EventRefused",
    "NoAnswer",
    "NotDelivered",
    "NotSetUp",
    "Place",
    "PublicKey",
    "Shopstream",
]
