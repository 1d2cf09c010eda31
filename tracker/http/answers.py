"""Refusals and faults as responses: problem details for programs (RFC 9457), a page for people."""

from __future__ import annotations

import errno
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from events.documents.publication import FaultyDocument
from events.log.damage import find_damage
from events.refusals.errors import DamagedEvent, Message, Refused
from projections.organizations.directory import find
from tracker.http.authorization import NotSignedIn, language_of
from tracker.logs import log
from tracker.storage.database import is_busy, storage_fault
from tracker.storage.evidence import NO_SPACE
from tracker.wording.faults import field_messages
from tracker.wording.problems import problem_answers
from tracker.wording.refusals import STATUS, say

if TYPE_CHECKING:
    from tracker.http.turns import Turns
    from tracker.wording.refusals import Language

PROBLEM = "application/problem+json"
TYPE = "urn:organization-tracker:problem:"
Pages = Callable[[Request, int, str, str], Response]
"""Renders a refusal as a page: request, status, sentence, reference."""

OTHER_STATUS = {
    "signed_in_too_often": 429,
    "upload_quota": 429,
    "bad_token": 401,
    "disk_full": 507,
    "evidence_folder_missing": 503,
    "no_key": 400,
    "bad_key": 400,
    "two_keys": 400,
    "identity_conflict": 409,
    "organization_exists": 409,
    "changed_meanwhile": 412,
}
"""The HTTP status of the codes whose kind has another one."""
SAID = frozenset({"done", "count"})
"""The parameters with which a page reports what was saved."""
DATABASE_STATUS = {"database_full": 507, "database_unwritable": 503, "database_broken": 503}
"""The HTTP status of a database that cannot be used."""
DISK_ERRORS = frozenset({errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO})
"""What the system answers for a disk that cannot be written."""


def problem_response(
    status: int,
    code: str,
    title: str,
    reference: str,
    errors: list[dict[str, Any]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """Return problem details with a stable ``type`` and the reference number of the request."""
    body: dict[str, Any] = {
        "type": TYPE + code,
        "title": title,
        "status": status,
        "reference": reference,
    }
    if errors:
        body["errors"] = errors
    return JSONResponse(body, status, headers, PROBLEM)


@dataclass(frozen=True, slots=True)
class Answers:
    """Exception handlers: one answer to each kind of refusal and fault."""

    pages: Pages

    def answer(
        self,
        request: Request,
        status: int,
        code: str,
        sentence: str,
        errors: list[dict[str, Any]] | None = None,
    ) -> Response:
        """Return problem details for a program, a page for a person."""
        reference = request.state.reference
        if wants_problem_details(request):
            return problem_response(status, code, sentence, reference, errors)
        return self.pages(request, status, sentence, reference)

    def answer_message(
        self,
        request: Request,
        status: int,
        message: Message,
        errors: list[dict[str, Any]] | None = None,
    ) -> Response:
        """Return a sentence of the catalogue, whose key is the code of the problem."""
        sentence = say(message, language_of(request))
        return self.answer(request, status, message.key, sentence, errors)

    def handle_refused(self, request: Request, error: Exception) -> Response:
        """Answer an expected refusal, at its field where one is at fault."""
        assert isinstance(error, Refused)
        language = language_of(request)
        if isinstance(error, NotSignedIn):
            return _ask_to_sign_in(request, error, language)
        sentence = say(error, language)
        errors = [{"field": error.field, "message": sentence}] if error.field else None
        if isinstance(error, FaultyDocument):
            sentence = say(Message("document_faults"), language)
            errors = [
                {"field": problem["place"], "message": problem["problem"]}
                for problem in problem_answers(error.problems, language)
            ]
        status = OTHER_STATUS.get(error.code, STATUS[error.kind])
        return self.answer(request, status, error.code, sentence, errors)

    def handle_http(self, request: Request, error: Exception) -> Response:
        """Answer an unknown path, a wrong method, or a body that is malformed or too large."""
        assert isinstance(error, HTTPException)
        message = _http_message(error.status_code, str(error.detail))
        answer = self.answer_message(request, error.status_code, message)
        answer.headers.update(error.headers or {})  # the methods that the address has
        return answer

    def handle_invalid(self, request: Request, error: Exception) -> Response:
        """Answer a body or parameters with faults, each at its field."""
        assert isinstance(error, RequestValidationError)
        errors = field_messages(error.errors(), language_of(request))
        return self.answer_message(request, 422, Message("invalid"), errors)

    def handle_disconnect(self, request: Request, _error: Exception) -> Response:
        """Answer a body that broke off; mostly nobody is there to read it, and it is no fault."""
        return self.answer_message(request, 400, Message("upload_interrupted"))

    def handle_database(self, request: Request, error: Exception) -> Response:
        """Answer a database error: 503 where a retry may help, 507 on a full disk, else 500."""
        assert isinstance(error, DBAPIError)
        if is_busy(error):
            return self.answer_message(request, 503, Message("busy"))
        if (fault := storage_fault(error)) is not None:
            log().error("the database cannot be used", error=repr(error.orig))
            return self.answer_message(request, DATABASE_STATUS[fault.key], fault)
        return self.handle_fault(request, error)

    def handle_system(self, request: Request, error: Exception) -> Response:
        """Answer a disk that is full (507) or cannot be written (503); else a fault."""
        assert isinstance(error, OSError)
        full = error.errno in NO_SPACE
        if not full and error.errno not in DISK_ERRORS:
            return self.handle_fault(request, error)
        log().error("a file cannot be written", error=repr(error))
        problem = error.strerror
        said = (
            Message("server_disk.full", problem=problem)
            if full
            else Message("server_disk", problem=problem)
        )
        return self.answer(
            request, 507 if full else 503, "server_disk", say(said, language_of(request))
        )

    def handle_damaged(self, request: Request, error: Exception) -> Response:
        """Answer an event that cannot be read, by its place."""
        assert isinstance(error, DamagedEvent)
        log().error("an event is damaged; run: tracker audit verify", error=str(error))
        return self.answer_message(request, 500, error.message)

    def handle_fault(self, request: Request, error: Exception) -> Response:
        """Answer a fault of the program; the log has its trace under the reference.

        It may be the fault of an event that was changed past the program: then that is the answer.
        """
        damaged = _damage_of(request)
        if damaged is not None:
            return self.handle_damaged(request, damaged)
        log().error("request failed", error=repr(error), exc_info=error)
        return self.answer_message(request, 500, Message("broken"))


def _damage_of(request: Request) -> DamagedEvent | None:
    """Return the damaged event of the organization or stream that a request is about, or None."""
    asked = request.path_params
    if not asked.keys() & {"code", "stream"}:
        return None
    try:
        with request.app.state.app.store.read() as reader:
            entry = find(reader, asked["code"]) if "code" in asked else None
            return find_damage(reader, entry.stream if entry else asked.get("stream", ""))
    except Exception:  # noqa: BLE001 - the first fault is answered, not another on the way
        return None


def _http_message(status: int, detail: str) -> Message:
    """The sentence of an HTTP error that the framework raised."""
    match status:
        case 400:
            return Message("bad_request")
        case 404:
            return Message("not_found")
        case 405:
            return Message("wrong_method")
        case 413:
            return Message("too_large", detail=detail)
        case _:
            return Message("http", detail=detail)


def wants_problem_details(request: Request) -> bool:
    """Whether the client is a program, or a script of a page that asks for JSON."""
    accepted = request.headers.get("accept", "")
    return request.url.path.startswith("/api/") or "application/json" in accepted


def add_answers(app: FastAPI, pages: Pages) -> None:
    """Register a handler for every kind of refusal and fault."""
    answers = Answers(pages)
    for kind, handler in (
        (Refused, answers.handle_refused),
        (HTTPException, answers.handle_http),
        (RequestValidationError, answers.handle_invalid),
        (ClientDisconnect, answers.handle_disconnect),
        (DamagedEvent, answers.handle_damaged),
        (DBAPIError, answers.handle_database),
        (OSError, answers.handle_system),
        (Exception, answers.handle_fault),
    ):
        app.add_exception_handler(kind, _in_turn(handler))


def _in_turn(
    handler: Callable[[Request, Exception], Response],
) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Return a handler that runs in a thread, a few at once: strangers are refused by hundreds."""

    async def handle(request: Request, error: Exception) -> Response:
        turns: Turns = request.app.state.turns
        async with turns.refusing:
            return await run_in_threadpool(handler, request, error)

    return handle


def _ask_to_sign_in(request: Request, error: Refused, language: Language) -> Response:
    if wants_problem_details(request):
        headers = {"WWW-Authenticate": "Bearer"}
        return problem_response(
            401, error.code, say(error, language), request.state.reference, headers=headers
        )
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method == "GET":
        return RedirectResponse(f"/login?next={quote(target)}", 303)
    return RedirectResponse(f"/login?next={quote(_form_page(request))}&expired=1", 303)


def _form_page(request: Request) -> str:
    """The page of this site from which a form was sent, else the home page."""
    referer = urlsplit(request.headers.get("referer", ""))
    if referer.netloc != request.url.netloc or not referer.path.startswith("/"):
        return "/"
    # "done" would report a save that did not happen
    kept = [
        pair for pair in parse_qsl(referer.query, keep_blank_values=True) if pair[0] not in SAID
    ]
    return referer.path + (f"?{urlencode(kept)}" if kept else "")
