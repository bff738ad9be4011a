"""Where remixes go, and that nothing is replaced there but older remixes of ours."""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from hclarity.cli.earlier_remix import EarlierRemix, earlier_remix
from hclarity.cli.files import refuse_to_replace
from hclarity.cli.remix_job import RemixJob
from hclarity.cli.remix_order import RemixOrder
from hclarity.errors import CannotCreateError
from hclarity.registry.whole_files import refuse_uncreatable
from hclarity.report.browser_page import LISTENING, is_page

__all__ = ["RemixFiles"]


class RemixFiles:
    """The files of all remixes of a run.

    Args:
        order: what to do, and where.
    """

    def __init__(self, order: RemixOrder) -> None:
        self._order = order

    def refuse(self, name: str, inputs: Iterable[Path]) -> EarlierRemix | None:
        """Refuse, before a song is heard, to write a remix that would harm anything.

        Args:
            name: of the remix.
            inputs: the files that are read for it.

        Returns:
            What the report of an earlier remix there says of it, if there is one.

        Raises:
            CannotCreateError: when a file of it would be an input or the plan's, is there and not
                ours, or cannot be created.
        """
        files, plan = self._order.files(name), self._order.plan_file
        for file in files.values():
            refuse_to_replace(file, inputs)
            if plan is not None and plan.resolve() == file.resolve():
                raise CannotCreateError(f"the plan {plan} would be replaced by a remix; rename it")
            if not file.exists():  # else it may be done already, on a medium that is read only
                refuse_uncreatable(file)
        earlier = earlier_remix(files["report"])
        ours = {*earlier.audio, earlier.plot} if earlier else set()
        for kind, file in files.items():
            if kind in ("remix", "plot") and file.exists() and file.name not in ours:
                raise CannotCreateError(
                    f"{file} is there already and was not made by hclarity; choose another --out"
                )
        if "page" in files:
            _refuse_page(self._order.page_folder(name))
        return earlier

    def cleared(self, job: RemixJob) -> RemixJob:
        """The job, knowing what is there under its name; raises what `refuse` does."""
        sources = job.sources
        return replace(job, earlier=self.refuse(sources.name, sources.files))


def _refuse_page(folder: Path) -> None:
    if os.path.lexists(folder) and not is_page(folder, LISTENING):
        raise CannotCreateError(
            f"{folder} is there already and is no page of hclarity's, or holds more than that;"
            " move it away, or choose another --out"
        )
