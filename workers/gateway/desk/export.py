"""Everything held on somebody, handed out at the desk to the data-protection officer."""

import json
from http import HTTPStatus

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from schemas.access.roles import View
from workers.gateway.desk.frame import Frame
from workers.gateway.export import ExportOrder, Form, handed_out

NAME = {Form.JSON: "innsyn.json", Form.PAGE: "innsyn.html"}
"""What a browser keeps it as: of nobody."""


class ExportPages:
    """The page of a member's export.

    Args:
        frame: what all pages share.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    async def ask(self, request: Request) -> Response:
        """Ask why, and whether it is certain who asks."""
        caller = await self._frame.caller(request, View.PERSON_EXPORT)
        whose = await self._frame.member(request, caller, "read", "desk/export")
        return self._frame.page(caller, "export.html", whose=whose, why="", wrong=())

    async def answer(self, request: Request) -> Response:
        """Hand it out as a file, once both are said; the log keeps who, whose and why."""
        caller = await self._frame.caller(request, View.PERSON_EXPORT)
        whose = await self._frame.member(request, caller, "read", "desk/export")
        form = await self._frame.form(request, caller)
        why = form.get("why", "")
        asked = {"whose": whose, "why": why, "form": form.get("form", Form.PAGE)}
        try:
            order = ExportOrder.model_validate_json(json.dumps(asked))
        except ValidationError:
            order = None
        certain = form.get("certain") == "yes"
        if order is None or not certain:
            wrong = [*([] if order else ["why"]), *([] if certain else ["certain"])]
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return self._frame.page(
                caller, "export.html", status=status, whose=whose, why=why, wrong=wrong
            )
        answer = await handed_out(self._frame.logbook, caller, order)
        answer.headers["Content-Disposition"] = f'attachment; filename="{NAME[order.form]}"'
        return answer
