"""One announced change in, one tick to every screen: bounded, without data, never waiting for a slow one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

_QUEUE = 64


@dataclass(eq=False)
class Subscription:
    """The ticks waiting for one screen. When a screen falls behind, all of them become one `resync`."""

    queue: asyncio.Queue[dict[str, object]] = field(default_factory=lambda: asyncio.Queue(_QUEUE))

    def offer(self, tick: dict[str, object]) -> None:
        """Add a tick; a full queue is emptied into one `resync`."""
        try:
            self.queue.put_nowait(tick)
        except asyncio.QueueFull:
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait({"type": "resync"})


class Hub:
    """All screens of this process.

    Attributes
    ----------
    version : counts changes since the start; equal versions mean that nothing was announced in between.
    connected : whether the database listener is up.
    """

    def __init__(self) -> None:
        self._subscriptions: set[Subscription] = set()
        self.version = 0
        self.connected = False

    def subscribe(self) -> Subscription:
        """Start following."""
        subscription = Subscription()
        self._subscriptions.add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stop following."""
        self._subscriptions.discard(subscription)

    def __len__(self) -> int:
        return len(self._subscriptions)

    def publish(self, tick: dict[str, object]) -> None:
        """Send a tick to everyone."""
        self.version += 1
        for subscription in self._subscriptions:
            subscription.offer(tick)
