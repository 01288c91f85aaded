"""What goes through to Temporal: who asks, whether they may, what is kept, and what is sent."""

import asyncio
import json
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from temporalio.api.common.v1 import Payload

from activities.access import log as access_log
from activities.access.log import Act
from activities.secrecy.keyring import INTAKE
from schemas.access.roles import (
    MAY_QUERY,
    MAY_SEND,
    Operation,
    may_operate,
    sees_member,
)
from schemas.access.stamps import START as STARTED
from schemas.secrecy.marks import is_unreadable
from workers.gateway import answers, sessions
from workers.gateway.addresses import plain_page
from workers.gateway.callers import Caller
from workers.gateway.calls import Call, call_of
from workers.gateway.coding import Codec, Stamper
from workers.gateway.forwarding import Upstream
from workers.gateway.guard import POLICY, Limiter, policy
from workers.gateway.logbook import Logbook
from workers.gateway.login import csrf_missing, not_logged_in, set_csrf
from workers.gateway.memberships import CLOSING, PAUSES
from workers.gateway.messages import Json, Sending, read
from workers.gateway.narrowing import narrowed
from workers.gateway.permissions import (
    ABOUT_NOBODY,
    OPERATIONS,
    not_allowed,
    of_branch_only,
    permitted,
)
from workers.gateway.refusals import Refused, bad_request, wants_a_page
from workers.gateway.settings import GatewaySettings
from workers.gateway.tokens import Issuer

UI_SETTINGS = "/api/v1/settings"
HASHED = "/_app/immutable/"
"""What the UI is made of: a file's name says what is in it, and the UI does not say so."""
KEPT = {"Cache-Control": "private, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
"""A page is made of a hundred such files: who has them does not ask for them again."""

RENDER = "render"
"""Where the UI's server makes a page of the Markdown that stands in the address, for a frame."""
_RENDERED = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
"""Whoever makes the link says what stands there: nothing of it runs, or asks for anything."""

REASON_HEADER = "x-medlemsflyt-reason"
"""Where a program says why it looks."""

_ACTS: Mapping[str, Act] = {
    "StartWorkflowExecution": "start",
    "SignalWorkflowExecution": "message",
    "UpdateWorkflowExecution": "message",
    "QueryWorkflow": "query",
}
_READING: Mapping[Operation, Act] = {
    Operation.LIST: "list",
    Operation.DESCRIBE: "read",
    Operation.HISTORY: "read",
}


class Door:
    """Finds out who asks.

    Args:
        settings: of the gateway.
        issuer: whose tokens count.
        logbook: what is kept.
        limiter: how much is too much.
    """

    def __init__(
        self, settings: GatewaySettings, issuer: Issuer, logbook: Logbook, limiter: Limiter
    ) -> None:
        self._settings = settings
        self._issuer = issuer
        self._logbook = logbook
        self._limiter = limiter

    async def caller(self, request: Request, *, counted: bool = True) -> Caller:
        """Return who is behind a request.

        Args:
            request: as it came.
            counted: False: it is one of the hundred files that a page is made of.

        Raises:
            Refused: nobody who is known, or somebody who asks for too much.
        """
        given = request.headers.get("authorization")
        if given is not None:
            found = await self._of_token(request, given)
        else:
            found = await sessions.current(request, self._logbook.pool)
        if found is None:
            await self._limiter.stranger(request)
            raise not_logged_in()
        if counted:
            await self._limiter.caller(found.subject)
        return found

    async def _of_token(self, request: Request, given: str) -> Caller | None:
        scheme, _, token = given.partition(" ")
        try:
            return await self._issuer.caller(token if scheme.lower() == "bearer" else "")
        except Refused:
            await self._limiter.stranger(request)
            raise


class Through:
    """The way to Temporal.

    Args:
        settings: of the gateway.
        namespace: the only one that is reached.
        door: who asks.
        logbook: what is kept.
        upstream: what is behind.
        codec: what encrypts and decrypts.
        stamper: what says who sends something; None: nothing does.
        encrypting: whether pages of the UI are to ask us for decryption.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        namespace: str,
        door: Door,
        logbook: Logbook,
        upstream: Upstream,
        codec: Codec,
        stamper: Stamper | None,
        *,
        encrypting: bool,
    ) -> None:
        self._settings = settings
        self._namespace = namespace
        self._door = door
        self._logbook = logbook
        self._upstream = upstream
        self._codec = codec
        self._stamper = stamper
        self._encrypting = encrypting

    def routes(self) -> APIRouter:
        """Return the routes: after all others, since they take every path that is left."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route(UI_SETTINGS, self.ui_settings, methods=["GET"])
        router.add_api_route("/api/{path:path}", self.call, methods=["GET", "POST"])
        router.add_api_route("/{path:path}", self.page, methods=["GET"])
        return router

    async def page(self, request: Request) -> Response:
        """Show what the Temporal UI is made of, to whoever is logged in and has a role."""
        try:
            caller = await self._door.caller(request, counted=False)
        except Refused as refused:
            if refused.status is HTTPStatus.UNAUTHORIZED and wants_a_page(request):
                return _to_login(request)
            raise
        try:
            path = plain_page(request.scope["path"])
            if not caller.roles:
                raise not_allowed()
            if _is_rendered(path):
                _check_framed(request)
        except Refused as refused:
            await self._logbook.write(caller, "read", "page", refused=refused.code)
            raise
        url = self._settings.ui_url + quote(path)
        answer = await self._upstream.stream(request, url, headers={})
        answer.headers[POLICY] = self._policy(path, answer.headers.get(POLICY))
        if path.startswith(HASHED) and answer.status_code == HTTPStatus.OK:
            answer.headers.update(KEPT)
        if caller.session is not None and wants_a_page(request):
            set_csrf(answer, self._settings, caller)
        return answer

    def _policy(self, path: str, theirs: str | None) -> str:
        """Return what a page of the UI may do: what its server says, and what we say."""
        # The UI's own pages know their one inline script by its digest, in a policy within them.
        ours = _RENDERED if _is_rendered(path) else policy(self._settings, inline_scripts=True)
        return f"{theirs}, {ours}" if theirs else ours

    async def ui_settings(self, request: Request) -> Response:
        """Tell the UI what its user may do, and that we decrypt for it."""
        caller = await self._door.caller(request)
        url = self._settings.ui_url + UI_SETTINGS
        status, content = await self._upstream.whole(
            request, url, headers={"accept-encoding": "identity"}
        )
        if status != HTTPStatus.OK:
            return Response(content, status)
        found = json.loads(content) | switches(caller)
        if self._encrypting:
            found["Codec"] = found.get("Codec", {}) | {
                "Endpoint": self._settings.url,
                "IncludeCredentials": True,
            }
        return Response(json.dumps(found), media_type="application/json")

    async def call(self, request: Request) -> Response:
        """Pass one of Temporal's calls on, if whoever asks may."""
        caller = await self._door.caller(request)
        call = call_of(request.method, request.scope["raw_path"].decode("latin-1"))
        if call is None:
            await self._logbook.write(caller, "operate", "unknown call", refused="not_allowed")
            raise not_allowed()
        try:
            body = await request.body()
            sending = self._checked(request, caller, call, body)
            await self._check_branch(caller, call)
            said = await self._opened(sending) if sending else []
        except Refused as refused:
            await self._write(request, caller, call, refused=refused.code)
            raise
        await self._write(request, caller, call, why=sending.why if sending else None)
        going_on = await self._prepared(caller, call, sending, said) if sending else None
        return await self._passed_on(request, caller, call, going_on)

    def _checked(self, request: Request, caller: Caller, call: Call, body: bytes) -> Sending | None:
        """Return what is sent, once it is clear that it may be.

        Raises:
            Refused: with why.
        """
        if call.namespace not in {None, self._namespace}:
            raise not_allowed()
        given = request.headers.get(sessions.CSRF_HEADER, "")
        if request.method != "GET" and not sessions.is_ours(self._settings, caller, given):
            raise csrf_missing()
        if request.method == "GET":
            permitted(caller.roles, call)
            return None
        if call.name not in OPERATIONS and call.name not in _ACTS:
            raise not_allowed()
        sending = read(call, body)
        permitted(caller.roles, call, sending.started)
        return sending

    async def _check_branch(self, caller: Caller, call: Call) -> None:
        """Refuse whoever sees their own branch alone what is about anybody else."""
        if not of_branch_only(caller.roles) or call.name in ABOUT_NOBODY:
            return
        branch, hidden = await access_log.seen_as(self._logbook.pool, call.workflow_id or "")
        if not sees_member(caller.roles, caller.branch, branch=branch, hidden=hidden):
            raise not_allowed()

    async def _write(
        self,
        request: Request,
        caller: Caller,
        call: Call,
        *,
        why: str | None = None,
        refused: str | None = None,
    ) -> None:
        if call.name in ABOUT_NOBODY and refused is None:
            return
        operation = OPERATIONS.get(call.name)
        act = _ACTS.get(call.name) or _READING.get(operation or Operation.PAUSE, "operate")
        await self._logbook.write(
            caller,
            act,
            what_of(call),
            workflow_id=call.workflow_id,
            why=why or request.headers.get(REASON_HEADER),
            refused=refused,
        )

    async def _passed_on(
        self, request: Request, caller: Caller, call: Call, body: Json | None
    ) -> Response:
        if caller.session is not None:
            token = sessions.csrf_token(self._settings, caller.session)
            # The UI's own protection, which ours stands in front of, compares the two.
            headers = {"cookie": f"{sessions.CSRF_COOKIE}={token}", sessions.CSRF_HEADER: token}
            url = self._settings.ui_url + call.path
            if call.name != "QueryWorkflow":
                return await self._upstream.stream(request, url, headers=headers, body=body)
            # Who may ask may see the answer, also if they may have nothing else decrypted.
            status, content = await self._upstream.whole(
                request, url, headers={**headers, "accept-encoding": "identity"}, body=body
            )
            content = await answers.in_the_clear(content, self._codec, short=False)
            content = narrowed(caller, call, content)
            return Response(content, status, media_type="application/json")
        url = self._settings.http_api_url + call.path
        status, content = await self._answer(request, url, body)
        content = await answers.in_the_clear(content, self._codec, short=not _in_full(request))
        content = answers.under_its_own_id(narrowed(caller, call, content))
        return Response(content, status, media_type="application/json")

    async def _answer(self, request: Request, url: str, body: Json | None) -> tuple[int, bytes]:
        """Return what Temporal answers; where a run just makes way for the next, what that does.

        Only messages are refused so, and have done nothing then.
        """
        for pause in (*PAUSES, None):
            status, content = await self._upstream.whole(
                request, url, headers={"accept-encoding": "identity"}, body=body
            )
            if pause is None or status != HTTPStatus.TOO_MANY_REQUESTS or CLOSING not in content:
                break
            await asyncio.sleep(pause)
        return status, content

    async def _opened(self, sending: Sending) -> list[Payload]:
        """Return what is said in the clear.

        Raises:
            Refused: it is encrypted, and not by us for being sent: opened and locked again, it
                would tell one membership what another's history hides. Or there is too much of it.
        """
        payloads = await self._codec.decode(sending.payloads, INTAKE)
        if any(is_unreadable(payload.metadata) for payload in payloads):
            raise bad_request(
                "encrypted_elsewhere",
                "What is sent is in plain text, or encrypted by /encode for being sent.",
                "Det som sendes er i klartekst, eller kryptert av /encode for å sendes.",
            )
        sending.check_size(payloads)
        return payloads

    async def _prepared(
        self, caller: Caller, call: Call, sending: Sending, payloads: list[Payload]
    ) -> Json:
        """Return the body that goes on, stamped and locked."""
        workflow_id = call.workflow_id or ""
        said = payloads
        message = STARTED if sending.started else call.subject or ""
        if self._stamper is not None and call.name != "QueryWorkflow":
            payloads = [
                self._stamper.stamp(
                    payload,
                    caller,
                    namespace=self._namespace,
                    workflow_id=workflow_id,
                    message=message,
                )
                for payload in payloads
            ]
        sending.replace(await self._codec.encode(payloads, workflow_id))
        sending.sent_by(caller.subject, self._settings.session_key or "", said)
        return sending.written()


def _is_rendered(path: str) -> bool:
    return path.strip("/").partition("/")[0].casefold() == RENDER


def _check_framed(request: Request) -> None:
    """Refuse what is led to from elsewhere, or fills a window: its words would pass for ours.

    Raises:
        Refused: the browser says so.
    """
    if (
        request.headers.get("sec-fetch-dest", "iframe") != "iframe"
        or request.headers.get("sec-fetch-site", "same-origin") != "same-origin"
    ):
        raise not_allowed()


def what_of(call: Call) -> str:
    """Return what an entry says was asked for: a word of ours, or of Temporal's."""
    known = {word for table in (MAY_SEND, MAY_QUERY) for row in table.values() for word in row}
    return call.subject if call.subject in known else call.name


def switches(caller: Caller) -> dict[str, bool]:
    """Return the buttons that the UI leaves out, since the door would refuse what they do."""
    sends = any(caller.roles & row for table in MAY_SEND.values() for row in table.values())
    return {
        "DisableWriteActions": not sends,
        "WorkflowTerminateDisabled": not may_operate(caller.roles, Operation.TERMINATE),
        "WorkflowCancelDisabled": not may_operate(caller.roles, Operation.CANCEL),
        "WorkflowResetDisabled": not may_operate(caller.roles, Operation.RESET),
        "WorkflowPauseDisabled": not may_operate(caller.roles, Operation.PAUSE),
        "BatchActionsDisabled": True,
        "ActivityCommandsDisabled": True,
        "StartWorkflowDisabled": True,
        "DisableNewsFetch": True,
    }


def _in_full(request: Request) -> bool:
    """Tell whether payloads are asked for in full, in either of Temporal's two ways."""
    asked = request.headers.get("accept", "")
    return "no-payload-shorthand" in asked or "noPayloadShorthand" in request.query_params


def _to_login(request: Request) -> Response:
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?next={quote(wanted, safe='')}", HTTPStatus.SEE_OTHER)
