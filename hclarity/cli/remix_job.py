"""One remix that is wanted: of what, how, to where, and whether it is there already."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from pathlib import Path

from hclarity.cli.earlier_remix import EarlierRemix
from hclarity.cli.remix_order import RemixOrder
from hclarity.cli.sources import Sources
from hclarity.errors import UsageError
from hclarity.registry.download import sha256_of
from hclarity.remixing.plan import GainPlan
from hclarity.remixing.stem_gains import StemGains

__all__ = ["RemixJob"]


@dataclass(frozen=True)
class RemixJob:
    """One remix of an order.

    Args:
        order: what to do with all songs.
        plan: what to do with this one.
        sources: the files that are needed for it.
        whole: these and all other stems that there are, which a listening page has.
        earlier: what is there under its name; None for nothing.
    """

    order: RemixOrder
    plan: GainPlan
    sources: Sources
    whole: Sources
    earlier: EarlierRemix | None = None

    @classmethod
    def planned(cls, order: RemixOrder, sources: Sources) -> "RemixJob":
        """Plan a remix of what was found.

        Raises:
            UsageError: when a stem shall change that is not there; names the input.
        """
        try:
            plan = order.plan(sources.stems)
            return cls(order, plan, sources.needed_for(StemGains(plan.stem_gains)), sources)
        except UsageError as error:
            raise UsageError(f"{sources.given}: {error}") from None

    @property
    def files(self) -> dict[str, Path]:
        """What is written, by name."""
        return self.order.files(self.sources.name)

    @property
    def rendered_plan(self) -> GainPlan:
        """The plan for what is encoded, which keeps its ceiling when it is decoded."""
        return self.plan.below(self.order.encoding.headroom_db)

    @cached_property
    def digests(self) -> tuple[str, ...]:
        """Of the files that it is made of, by which they are known again."""
        return tuple(map(self._digest_of, self.sources.files))

    @cached_property
    def page_digest(self) -> str | None:
        """Of all that its page is made of; None for no page."""
        if not self.order.page:
            return None
        return sha256("".join(map(self._digest_of, self.whole.files)).encode()).hexdigest()

    @cached_property
    def _digest_of(self) -> Callable[[Path], str]:
        """Reads each file once, though the remix and its page may both be made of it."""
        return cache(sha256_of)

    @property
    def is_done(self) -> bool:
        """Whether all of it is there already, made in this way, and found safe."""
        earlier, order = self.earlier, self.order
        return (
            earlier is not None
            and not order.overwrite
            and earlier.holds(self.plan, order.encoding.words, self.digests)
            and earlier.is_safe(order.safety)
            and not (order.plot and earlier.plot is None)
            and self.page_digest in (None, earlier.page)
            and all(file.is_file() for file in self.files.values())
        )

    @property
    def loss(self) -> str:
        """What will be lost when the earlier remix is replaced; empty if it is the same again."""
        if self.earlier is None:
            return ""
        if set(self.digests).isdisjoint(self.earlier.sources):
            return "another song's remix"
        return "" if self.plan == self.earlier.plan else "a remix by another plan"
