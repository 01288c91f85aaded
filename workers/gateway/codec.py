"""`/encode` and `/decode`: what the Temporal UI and commands ask, to read and write payloads."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from google.protobuf import json_format
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from temporalio.api.common.v1 import Payload, Payloads

from activities.secrecy.keyring import INTAKE
from workers.gateway.coding import Codec
from workers.gateway.guard import unreadable
from workers.gateway.logbook import Logbook
from workers.gateway.permissions import may_decode, not_allowed
from workers.gateway.refusals import Refused
from workers.gateway.settings import GatewaySettings
from workers.gateway.through import REASON_HEADER, Door


class Codecs:
    """The two addresses.

    Args:
        settings: of the gateway.
        door: who asks.
        logbook: what is kept.
        codec: what encrypts and decrypts.
    """

    def __init__(
        self, settings: GatewaySettings, door: Door, logbook: Logbook, codec: Codec
    ) -> None:
        self._settings = settings
        self._door = door
        self._logbook = logbook
        self._codec = codec

    def routes(self) -> APIRouter:
        """Return the addresses, which a page of ours may ask from a browser, and no other page."""
        router = APIRouter(include_in_schema=False)
        for path, what in (("/encode", self.encode), ("/decode", self.decode)):
            router.add_api_route(path, what, methods=["POST"])
            router.add_api_route(path, self.may_ask, methods=["OPTIONS"])
        return router

    async def may_ask(self, request: Request) -> Response:
        """Tell a browser which page may ask: ours."""
        if request.headers.get("origin") != self._settings.url:
            return Response(status_code=HTTPStatus.FORBIDDEN)
        return Response(
            status_code=HTTPStatus.NO_CONTENT,
            headers={
                **self._cors(),
                "Access-Control-Allow-Methods": "POST",
                "Access-Control-Allow-Headers": f"content-type,x-namespace,{REASON_HEADER}",
            },
        )

    def _cors(self) -> dict[str, str]:
        return {
            "Access-Control-Allow-Origin": self._settings.url,
            "Access-Control-Allow-Credentials": "true",
            "Vary": "Origin",
            "Cache-Control": "no-store",
        }

    async def encode(self, request: Request) -> Response:
        """Encrypt what somebody is about to send; it is opened again on its way through."""
        caller = await self._door.caller(request)
        try:
            if not caller.roles:
                raise not_allowed()
            payloads = await _payloads(request)
        except Refused as refused:
            await self._logbook.write(caller, "encode", "payloads", refused=refused.code)
            raise
        await self._logbook.write(caller, "encode", "payloads", why=_why(request))
        return self._answered(await self._codec.encode(payloads, INTAKE))

    async def decode(self, request: Request) -> Response:
        """Decrypt what somebody looks at, and keep whose it was.

        Whose it is their keys say. Who may read no histories gets back what is plain anyway: the
        UI asks for everything that it shows.
        """
        caller = await self._door.caller(request)
        try:
            payloads = await _payloads(request)
        except Refused as refused:
            await self._logbook.write(caller, "decode", "payloads", refused=refused.code)
            raise
        whose = set(await self._codec.owners(payloads))
        opens = whose - {None}
        code = None if may_decode(caller.roles, opens=bool(opens)) else "not_allowed"
        for owner in sorted(owner or "" for owner in opens or whose or {None}):
            await self._logbook.write(
                caller,
                "decode",
                "payloads",
                workflow_id=owner,
                why=_why(request),
                refused=code,
            )
        if code is not None:
            raise not_allowed()
        return self._answered(await self._codec.decode(payloads))

    def _answered(self, payloads: list[Payload]) -> Response:
        found = json_format.MessageToDict(Payloads(payloads=payloads))
        return JSONResponse({"payloads": found.get("payloads", [])}, headers=self._cors())


async def _payloads(request: Request) -> list[Payload]:
    """Read what is to be encrypted or decrypted.

    Raises:
        Refused: it is no list of payloads.
    """
    try:
        found: Any = json_format.Parse(await request.body(), Payloads(), ignore_unknown_fields=True)
    except (json_format.ParseError, ValueError, RecursionError):
        raise unreadable() from None
    return list(found.payloads)


def _why(request: Request) -> str | None:
    return request.headers.get(REASON_HEADER)
