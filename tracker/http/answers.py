"""Refusals and faults as answers: problem details for programs (RFC 9457), one page for people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from events.documents.publication import FaultyDocument
from events.refusals.errors import Refused
from tracker.http.enforce import NotSignedIn, language_of
from tracker.logs import log
from tracker.storage.database import busy
from tracker.wording.faults import told
from tracker.wording.problems import problems_told
from tracker.wording.refusals import STATUS, say

if TYPE_CHECKING:
    from tracker.wording.refusals import Language

PROBLEM = "application/problem+json"
TYPE = "urn:organization-tracker:problem:"
Pages = Callable[[Request, int, str, str], Response]
"""Makes the page that tells a person: request, status, sentence, reference."""

SAID: dict[int, tuple[str, str, str]] = {
    404: ("not_found", "没有这个页面", "there is no such page"),
    405: ("wrong_method", "不支持这种请求方式", "that is not done this way"),
    413: (
        "too_large",
        "提交的内容太大，最多 {detail} MB",
        "what was sent is too large: {detail} MB at most",
    ),
    400: ("bad_request", "请求的格式不正确", "the request is not well formed"),
}
BROKEN = (
    "broken",
    "系统出错，内容没有保存；请把编号告诉管理员",
    "something broke and nothing was saved; tell an administrator the reference",
)
OTHER_STATUS = {
    "signed_in_too_often": 429,
    "bad_token": 401,
    "no_key": 400,
    "bad_key": 400,
    "two_keys": 400,
    "identity_conflict": 409,
    "organization_exists": 409,
    "changed_meanwhile": 412,
}
UNAVAILABLE = (
    "busy",
    "系统正忙，没有保存；请稍后再试",
    "the database is busy, nothing was saved; try again later",
)


def problem(
    status: int,
    code: str,
    title: str,
    reference: str,
    errors: list[dict[str, Any]] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """Problem details with a stable ``type`` and the reference number of the request."""
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
    """One answer to each kind of refusal and fault."""

    pages: Pages

    def tell(
        self,
        request: Request,
        status: int,
        code: str,
        said: str,
        errors: list[dict[str, Any]] | None = None,
    ) -> Response:
        """Problem details to a program, a page to a person."""
        reference = request.state.reference
        if is_program(request):
            return problem(status, code, said, reference, errors)
        return self.pages(request, status, said, reference)

    def known(self, request: Request, status: int, known: tuple[str, str, str]) -> Response:
        """One of the sentences that are known in both languages."""
        code, zh, en = known
        return self.tell(request, status, code, zh if language_of(request) == "zh" else en)

    def refused(self, request: Request, error: Exception) -> Response:
        """An expected no, at its field."""
        assert isinstance(error, Refused)
        if isinstance(error, NotSignedIn):
            return _sign_in_first(request, error, language_of(request))
        said = say(error, language_of(request))
        fields = [{"field": error.field, "message": said}] if error.field else None
        if isinstance(error, FaultyDocument):
            said = "文档有误" if language_of(request) == "zh" else "the document has faults"
            found = problems_told(error.problems, language_of(request))
            fields = [{"field": one["place"], "message": one["problem"]} for one in found]
        status = OTHER_STATUS.get(error.code, STATUS[error.kind])
        return self.tell(request, status, error.code, said, fields)

    def http(self, request: Request, error: Exception) -> Response:
        """A path, method or body that there is no place for."""
        assert isinstance(error, HTTPException)
        detail = str(error.detail)
        code, zh, en = SAID.get(error.status_code, ("http", "{detail}", "{detail}"))
        known = (code, zh.format(detail=detail), en.format(detail=detail))
        return self.known(request, error.status_code, known)

    def invalid(self, request: Request, error: Exception) -> Response:
        """A body or parameter with faults, each at its field."""
        assert isinstance(error, RequestValidationError)
        errors = told(error.errors(), language_of(request))
        said = "提交的内容有误" if language_of(request) == "zh" else "what was sent has faults"
        return self.tell(request, 422, "invalid", said, errors)

    def database(self, request: Request, error: Exception) -> Response:
        """Try again later, or broken."""
        assert isinstance(error, DBAPIError)
        if busy(error):
            return self.known(request, 503, UNAVAILABLE)
        return self.broken(request, error)

    def broken(self, request: Request, error: Exception) -> Response:
        """A fault of the program's own: the log has it under the reference."""
        log().error("request failed", error=repr(error), exc_info=error)
        return self.known(request, 500, BROKEN)


def is_program(request: Request) -> bool:
    """Whether a program asks, or a script of a page that wants no page."""
    wanted = request.headers.get("accept", "")
    return request.url.path.startswith("/api/") or "application/json" in wanted


def add_answers(app: FastAPI, pages: Pages) -> None:
    """Answer every refusal and fault of the application."""
    answers = Answers(pages)
    app.add_exception_handler(Refused, answers.refused)
    app.add_exception_handler(HTTPException, answers.http)
    app.add_exception_handler(RequestValidationError, answers.invalid)
    app.add_exception_handler(DBAPIError, answers.database)
    app.add_exception_handler(Exception, answers.broken)


def _sign_in_first(request: Request, error: Refused, language: Language) -> Response:
    if is_program(request):
        headers = {"WWW-Authenticate": "Bearer"}
        return problem(
            401, error.code, say(error, language), request.state.reference, headers=headers
        )
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method == "GET":
        return RedirectResponse(f"/login?next={quote(wanted)}", 303)
    return RedirectResponse(f"/login?next={quote(_form_of(request))}&expired=1", 303)


def _form_of(request: Request) -> str:
    """The page of our own from which a form was sent, else the home."""
    came = urlsplit(request.headers.get("referer", ""))
    if came.netloc != request.url.netloc or not came.path.startswith("/"):
        return "/"
    return came.path + (f"?{came.query}" if came.query else "")
