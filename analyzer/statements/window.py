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
    """A queue that keeps its order; a statement in it can still be replaced by the reason to leave it out."""

    DAYS = 14

    def __init__(self) -> None:
        self._waiting: deque[Statement | Skipped] = deque()
        self._places: dict[str, int] = {}
        self._released = 0

    def add(self, item: Statement | Skipped) -> Iterator[Statement | Skipped]:
        """Add an item; yield those that need not wait any more."""
        if isinstance(item, Statement):
            self._places[item.id] = self._released + len(self._waiting)
        self._waiting.append(item)
        now = _day(item) if isinstance(item, Statement) else None
        while self._waiting and (len(self._waiting) > _MOST or not self._waits(self._waiting[0], now)):
            yield self._release()

    def rest(self) -> Iterator[Statement | Skipped]:
        """Yield what waits, at the end."""
        while self._waiting:
            yield self._release()

    def holds(self, id_: str) -> bool:
        """Whether a statement waits still."""
        return id_ in self._places

    def replace(self, id_: str, code: str, why: str) -> None:
        """Leave a statement out that waits."""
        at = self._places.pop(id_) - self._released
        source = self._waiting[at].source  # type: ignore[union-attr]  # places are those of statements
        self._waiting[at] = Skipped(path=source.path, member=source.member, index=source.index, code=code, message=why)

    def _waits(self, item: Statement | Skipped, now: date | None) -> bool:
        """Whether a statement may yet be corrected: one by mail, until another is many days away."""
        if not isinstance(item, Statement) or item.source.format in ("text", "markdown", "html"):
            return False
        day = _day(item)
        return day is not None and (now is None or abs((now - day).days) <= self.DAYS)

    def _release(self) -> Statement | Skipped:
        item = self._waiting.popleft()
        self._released += 1
        if isinstance(item, Statement):
            self._places.pop(item.id, None)
        return item


def _day(item: Statement) -> date | None:
    return date.fromisoformat(item.submitted[:10]) if item.submitted else None
