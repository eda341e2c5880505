"""What changes something: decisions, undo, batches, saved searches, the reviewer's name."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from riskscan.case.decisions import Decision, reviewer_name
from riskscan.case.open import CaseError
from riskscan.export.report_words import signal_name
from riskscan.review.desk import Desk, view_of
from riskscan.review.filters import Filters
from riskscan.review.safety import Session, read_form
from riskscan.review.seal import Shown

Form = dict[str, list[str]]

_WORDS = {"flag": "flagged", "not": "not flagged", "unsure": "unsure"}
_MOST_DRAWN = 10_000


class Changes:
    """One method a change; each answers with the page to go on with."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def decide(self, request: Request) -> Response:
        """Save a decision on a message, and go on to the next one that is undecided."""
        form = await read_form(request)
        return await run_in_threadpool(self._decide, request, form)

    def _decide(self, request: Request, form: Form) -> Response:
        key, session, filters = _message(request), _session(request), view_of(form)
        with self._desk.case.connect() as connection:
            self._desk.queue.refresh(connection)
            # As it was shown, if the sample was finished or another one drawn since.
            said = Shown(*(_first(form, name) for name in ("score", "model", "seal")))
            blind = bool(form.get("blind")) or (
                not said.model and key in self._desk.validation(connection).blind
            )
        sealed = said.score or said.model or form.get("blind")
        if sealed and not self._desk.seal.holds(said, key, bool(form.get("blind"))):
            raise HTTPException(400, "This is not what the page showed: open the message again.")
        made = self._decision(form, [key], _first(form, "verdict"), shown=said, blind=blind)
        (seq,) = self._save(session, made, key=_key(form))
        session.notice = f"Saved: message {key} is {_told(made[0])} (row {seq} of the record)."
        with self._desk.case.connect() as connection:
            self._desk.queue.refresh(connection)
            found = self._desk.find(filters, session.reviewer, connection, wait=True)
        following = self._desk.leasing.following(found, key, session.reviewer, filters)
        if following is None:
            left = found.next_open(key) is not None
            told = "Others are at what is left here." if left else "Nothing is left here."
            session.notice += f" {told}"
            return _to(f"/{filters.address()}")
        return _to(f"/m/{following}{filters.address()}")

    async def batch(self, request: Request) -> Response:
        """Save one decision for several messages, if they are still those that were shown."""
        form = await read_form(request)
        return await run_in_threadpool(self._batch, request, form)

    def _batch(self, request: Request, form: Form) -> Response:
        key, session, filters = _message(request), _session(request), view_of(form)
        scope = _first(form, "scope")
        with self._desk.case.connect() as connection:
            self._desk.queue.verdicts.refresh(connection)
            ids = self._desk.members(key, scope, connection)
        if digest(ids) != _first(form, "members"):
            session.notice = "Nothing was saved: the messages have changed. Look again, please."
            return _to(f"/m/{key}/batch{filters.address(scope=scope)}")
        if not form.get("again"):
            mine = {k for k in ids if session.reviewer in self._desk.queue.verdicts.of(k)}
            ids = [k for k in ids if k not in mine]
        if not ids:
            session.notice = "Nothing was saved: you have decided on all of these already."
            return _to(f"/m/{key}{filters.address()}")
        made = self._decision(form, ids, _first(form, "verdict"))
        seqs = self._save(session, made, batch=True, key=_key(form))
        session.notice = (
            f"Saved: {len(made):,} messages are {_told(made[0])} "
            f"(rows {seqs[0]} to {seqs[-1]} of the record). Undo takes all of them back."
        )
        return _to(f"/m/{key}{filters.address()}")

    async def undo(self, request: Request) -> Response:
        """Take back the reviewer's last decision or batch, and show its message."""
        form = await read_form(request)
        return await run_in_threadpool(self._undo, request, form)

    def _undo(self, request: Request, form: Form) -> Response:
        session, filters = _session(request), view_of(form)
        try:
            undone = self._desk.ledger.undo(session.reviewer, key=_key(form))
        except CaseError as error:
            raise HTTPException(503, str(error)) from error
        self._desk.learning.wake()
        if not undone:
            session.notice = "There is nothing to undo."
            return _to(f"/{filters.address()}")
        session.notice = (
            f"{len(undone):,} decisions are taken back; message {undone[0]} is the first of them."
            if len(undone) > 1
            else f"The decision on message {undone[0]} is taken back."
        )
        return _to(f"/m/{undone[0]}{filters.address()}")

    async def save_search(self, request: Request) -> Response:
        """Give the filters of the queue a name."""
        form = await read_form(request)
        session, filters = _session(request), view_of(form)
        name = _first(form, "name")
        await run_in_threadpool(self._desk.save, name, filters, session.reviewer)
        session.notice = "The search is saved."
        return _to(f"/{filters.address()}")

    async def forget_search(self, request: Request) -> Response:
        """Remove a saved search."""
        form = await read_form(request)
        await run_in_threadpool(self._desk.forget, int(request.path_params["key"]))
        return _to(f"/{view_of(form).address()}")

    async def draw(self, request: Request) -> Response:
        """Draw a sample of what others have decided, for a second review."""
        form = await read_form(request)
        size = _first(form, "size")
        if not (
            size.isascii() and size.isdecimal() and len(size) < 9 and 0 < int(size) <= _MOST_DRAWN
        ):
            raise HTTPException(400, f"A sample has 1 to {_MOST_DRAWN:,} messages.")
        session = _session(request)
        seed = secrets.randbelow(2**31)
        number = await run_in_threadpool(self._desk.draw, session.reviewer, int(size), seed)
        if not number:
            session.notice = "Others have decided nothing yet that you could review again."
            return _to("/progress")
        session.notice = f"{number:,} messages are drawn. The first decisions stay hidden."
        return _to(f"/{Filters(decided='second').address()}")

    async def reviewer(self, request: Request) -> Response:
        """Go on under another name."""
        form = await read_form(request)
        session = _session(request)
        try:
            session.reviewer = reviewer_name(_first(form, "name"))
        except ValueError as error:
            raise HTTPException(400, str(error)) from error
        session.notice = f"You review as {session.reviewer}."
        return _to("/")

    async def keys(self, request: Request) -> Response:
        """Turn the keys of one letter on or off."""
        await read_form(request)
        session = _session(request)
        session.keys = not session.keys
        return _to("/help")

    def _decision(
        self,
        form: Form,
        ids: Sequence[int],
        verdict: str,
        *,
        shown: Shown | None = None,
        blind: bool = False,
    ) -> list[Decision]:
        with self._desk.case.connect() as connection:
            known = self._desk.shown(list(ids), connection)
        flagged = verdict == "flag"
        made = []
        for key in ids:
            if key not in known:
                raise HTTPException(404, "There is no such message.")
            now = known[key]
            # What the reviewer saw, if a scan has scored the message anew since.
            if shown is not None and shown.model:
                now = (float(shown.score) if shown.score else None, shown.model)
            if blind:
                now = (None, "")
            made.append(
                Decision(
                    key,
                    verdict,
                    tuple(form.get("signal", ())) if flagged else (),
                    bool(form.get("privileged")),
                    bool(form.get("hot")),
                    _first(form, "note"),
                    *now,
                )
            )
        return made

    def _save(
        self, session: Session, made: Sequence[Decision], *, batch: bool = False, key: str = ""
    ) -> list[int]:
        try:
            seqs = self._desk.ledger.decide(session.reviewer, made, batch=batch, key=key)
        except ValueError as error:
            raise HTTPException(400, str(error)) from error
        except CaseError as error:
            raise HTTPException(503, str(error)) from error
        self._desk.learning.wake()
        return seqs


def digest(ids: Sequence[int]) -> str:
    """What tells whether the messages of a batch are still the ones that were shown."""
    return hashlib.sha256(",".join(map(str, ids)).encode()).hexdigest()


def _told(made: Decision) -> str:
    told = [_WORDS[made.verdict]]
    told += [name for name, on in (("privileged", made.privileged), ("hot", made.hot)) if on]
    told += [signal_name(one).lower() for one in made.signals]
    return ", ".join(told + ["with a note"] * bool(made.note.strip()))


def _first(form: Form, name: str) -> str:
    return form.get(name, [""])[0]


def _key(form: Form) -> str:
    """The key that the page had for what it sends: sent again, it is not done again."""
    return _first(form, "key")[:64]


def _message(request: Request) -> int:
    return int(request.path_params["message"])


def _session(request: Request) -> Session:
    session: Session = request.state.session
    return session


def _to(address: str) -> Response:
    return RedirectResponse(address, status_code=303)
