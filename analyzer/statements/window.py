"""What was decided and waits: statements that came by mail may be corrected by a later one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import date

from analyzer.records import Skipped
from analyzer.statements.statement import Statement

# What waits at most, in archives whose dates do not go on.
_MOST = 2000


class Window:
    """A queue that keeps its order; what is in it can still be replaced."""

    DAYS = 14

    def __init__(self) -> None:
        self._waiting: deque[tuple[str | None, Statement | Skipped]] = deque()
        self._places: dict[str, int] = {}
        self._released = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, id_: str | None, item: Statement | Skipped) -> Iterator[Statement | Skipped]:
        """Add an item under the id of its statement, if it has one; yield those that need not wait any more."""
        if id_ is not None:
            self._places[id_] = self._released + len(self._waiting)
        self._waiting.append((id_, item))
        now = _day(item) if isinstance(item, Statement) else None
        while self._waiting and (len(self._waiting) > _MOST or not self._waits(self._waiting[0][1], now)):
            yield self._release()

    def rest(self) -> Iterator[Statement | Skipped]:
        """Yield what waits, at the end."""
        while self._waiting:
            yield self._release()

    def get(self, id_: str) -> Statement | Skipped | None:
        """Return the statement of an id, or the reason in its place, if it waits still."""
        return self._waiting[self._places[id_] - self._released][1] if id_ in self._places else None

    def replace(self, id_: str, item: Statement | Skipped) -> None:
        """Put something else in the place of what waits."""
        self._waiting[self._places[id_] - self._released] = id_, item

    def _waits(self, item: Statement | Skipped, now: date | None) -> bool:
        """Whether a statement may yet be corrected: one by mail, until another is many days away."""
        if not isinstance(item, Statement) or item.source.format in ("text", "markdown", "html"):
            return False
        day = _day(item)
        return day is not None and (now is None or abs((now - day).days) <= self.DAYS)

    def _release(self) -> Statement | Skipped:
        id_, item = self._waiting.popleft()
        self._released += 1
        if id_ is not None:
            self._places.pop(id_, None)
        return item


def _day(item: Statement) -> date | None:
    return date.fromisoformat(item.submitted[:10]) if item.submitted else None
