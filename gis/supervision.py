"""Supervision orders (督办单): what a level can not solve goes up, with an owner, a deadline and an answer.

An order is one hop. It is issued 下达, accepted 签收, answered 答复, and closed 办结 by who issued it. The level asked
may return it 退回, send it up 上报 (the next hop is an order of its own, and this one waits for it), or, at the
district, put it among the difficult 疑难. Who issued it may urge 催办, and open it again 重办 when the answer does
not do.
"""

from __future__ import annotations

from dataclasses import dataclass

from gis.codes import Level
from gis.errors import MoveRefused

STATUSES = ("issued", "accepted", "forwarded", "difficult", "answered", "returned", "closed")
OPEN_STATUSES = STATUSES[: STATUSES.index("returned")]

WAITS_FOR_RECEIVER = ("issued", "accepted", "difficult")
"""The level asked has the ball. An answered order waits for who issued it; a forwarded one for the hop above, which is
counted in its place."""

USUAL_WORK_DAYS = {int(Level.STREET): 5, int(Level.DISTRICT): 10}
"""Working days that an order to a level gets when nobody says otherwise: a sample, to be set by the district."""


@dataclass(frozen=True)
class OrderMove:
    """One step of an order: from any of `sources` to `enters` ('' stays); `by` is the level that takes it."""

    word: str
    sources: tuple[str, ...]
    enters: str
    by: str
    needs: tuple[str, ...] = ()


MOVES = (
    OrderMove("accepted", ("issued",), "accepted", "receiver", ("owner",)),
    OrderMove("answered", ("issued", "accepted", "forwarded", "difficult"), "answered", "receiver", ("reason",)),
    OrderMove("forwarded", ("issued", "accepted"), "forwarded", "receiver", ("reason",)),
    OrderMove("difficult", ("issued", "accepted"), "difficult", "receiver", ("reason",)),
    OrderMove("returned", ("issued", "accepted"), "returned", "receiver", ("reason",)),
    OrderMove("closed", ("answered",), "closed", "issuer"),
    OrderMove("reopened", ("answered",), "accepted", "issuer", ("reason",)),
    OrderMove("urged", ("issued", "accepted", "forwarded", "difficult"), "", "issuer"),
)

EVENT_WORDS = ("issued", *(move.word for move in MOVES))


def level_above(code: str) -> str:
    """Return the code of the area that an order from an area goes to: a community's street, a street's district.

    Raises
    ------
    MoveRefused
        When nothing is above: the code is that of a district.
    """
    if len(code) >= int(Level.COMMUNITY):
        return code[: int(Level.STREET)]
    if len(code) == int(Level.STREET):
        return code[: int(Level.DISTRICT)]
    raise MoveRefused("nothing stands above the district", "at_the_top")


def next_moves(status: str, to_code: str) -> tuple[OrderMove, ...]:
    """Return the steps that an order may take; only the district can call it difficult, and only below it is an up."""
    at_top = len(to_code) == int(Level.DISTRICT)
    barred = "forwarded" if at_top else "difficult"
    return tuple(move for move in MOVES if status in move.sources and move.word != barred)


def refuse(status: str, to_code: str, word: str, *, reason: str = "", owner: str = "") -> OrderMove:
    """Return the step that is asked for.

    Raises
    ------
    MoveRefused
        In one line: why it may not be taken.
    """
    allowed = next_moves(status, to_code)
    move = next((one for one in allowed if one.word == word), None)
    if move is None:
        words = ", ".join(one.word for one in allowed) or "nothing"
        raise MoveRefused(f"the order is {status}; next may be {words}, not {word}", "order_not_now", status=status)
    if "reason" in move.needs and not reason.strip():
        raise MoveRefused(f"an order is {word} with words only", "needs_words")
    if "owner" in move.needs and not owner.strip():
        raise MoveRefused("an order is accepted by somebody: owner", "needs_owner")
    return move
