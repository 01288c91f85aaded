"""The letters about a membership, as their readers see them."""

from datetime import date
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from activities.desk.member import read_letters
from activities.letters.reading import read_letter
from activities.letters.settings import NotificationSettings
from schemas.access.roles import View, may_view
from schemas.shared.base import PublishedModel
from workers.gateway.api.entry import (
    ONE,
    UNCACHED,
    Entry,
    MembershipId,
    answered,
    caller_of,
)
from workers.gateway.desk.frame import today
from workers.gateway.refusals import not_found

A_FILE = {"schema": {"type": "string", "format": "binary"}}

DocumentId = Annotated[str, Path(max_length=200, description="As the list of documents has it.")]


class DocumentLine(PublishedModel):
    """A letter, as the list has it."""

    id: str
    """Of the letter, within the membership."""
    template: str
    """What kind of letter it is."""
    audience: str
    """Who gets it: the member, the caseworkers, a branch, …"""
    status: str
    """Whether it has gone out."""
    ordered_on: date | None
    """When it was ordered."""
    sent_on: date | None
    """When it went out."""


class Documents(PublishedModel):
    """The letters about a membership, the latest first."""

    items: tuple[DocumentLine, ...]
    """Each one."""


class Document(PublishedModel):
    """A letter as its reader sees it; names and addresses as they are now."""

    id: str
    """Of the letter."""
    subject: str | None
    """Its subject; null: it can't be written any more."""
    text: str | None
    """Its text."""
    by_post: bool
    """Whether it is printed and posted."""
    withheld: str | None
    """Why it does not go out; null: it does, or did."""
    files: tuple[str, ...]
    """The names of what goes with it; the first is fetched as file 0."""


class DocumentPages:
    """The addresses of documents.

    Args:
        entry: who asks.
        letters: who we are, as letters have it.
    """

    def __init__(self, entry: Entry, letters: NotificationSettings) -> None:
        self._entry = entry
        self._letters = letters

    def add_to(self, router: APIRouter) -> None:
        """Add the addresses."""
        router.add_api_route(
            f"{ONE}/documents",
            self.list_all,
            methods=["GET"],
            operation_id="documents",
            summary="List the letters about a membership",
            response_model=Documents,
        )
        router.add_api_route(
            ONE + "/documents/{document_id}",
            self.read,
            methods=["GET"],
            operation_id="document",
            summary="Read a letter as its reader sees it",
            response_model=Document,
        )
        router.add_api_route(
            ONE + "/documents/{document_id}/files/{nth}",
            self.file,
            methods=["GET"],
            operation_id="file",
            summary="Fetch what goes with a letter, such as an invoice",
            response_class=Response,
            responses={
                200: {
                    "description": "The file",
                    "content": {
                        "application/pdf": {"schema": {"type": "string", "format": "binary"}}
                    },
                }
            },
        )

    async def list_all(self, request: Request, membership_id: MembershipId) -> Response:
        """List the letters, the latest first."""
        await self._permit(request, membership_id, "api/documents")
        async with self._entry.pool.acquire() as connection:
            lines = await read_letters(connection, membership_id)
        return answered(
            Documents(
                items=tuple(
                    DocumentLine(
                        id=line.message_id,
                        template=line.template,
                        audience=line.audience,
                        status=line.status,
                        ordered_on=line.ordered_on,
                        sent_on=line.sent_on,
                    )
                    for line in lines
                    if line.message_id is not None
                )
            )
        )

    async def read(
        self, request: Request, membership_id: MembershipId, document_id: DocumentId
    ) -> Response:
        """Read one."""
        await self._permit(request, membership_id, "api/document")
        async with self._entry.pool.acquire() as connection:
            found = await read_letter(
                connection, membership_id, document_id, self._letters, today()
            )
        if found is None:
            raise not_found()
        letter, _ = found
        return answered(
            Document(
                id=document_id,
                subject=letter.subject,
                text=letter.text,
                by_post=letter.by_post,
                withheld=letter.withheld,
                files=letter.files,
            )
        )

    async def file(
        self,
        request: Request,
        membership_id: MembershipId,
        document_id: DocumentId,
        nth: Annotated[int, Path(ge=0, description="Counted from 0.")],
    ) -> Response:
        """Fetch a file."""
        await self._permit(request, membership_id, "api/document")
        async with self._entry.pool.acquire() as connection:
            found = await read_letter(
                connection, membership_id, document_id, self._letters, today()
            )
        if found is None or nth >= len(found[1]):
            raise not_found()
        file = found[1][nth]
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.filename)}"}
        return Response(
            file.content, media_type=f"{file.maintype}/{file.subtype}", headers=UNCACHED | headers
        )

    async def _permit(self, request: Request, membership_id: str, what: str) -> None:
        caller = caller_of(request)
        allowed = may_view(caller.roles, View.LETTERS)
        await self._entry.permit(caller, "read", what, membership_id, allowed=allowed)
