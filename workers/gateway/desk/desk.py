"""The desk, put together of its pages."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from activities.letters.settings import NotificationSettings
from schemas.access.roles import View, may_view
from workers.gateway.desk.export import ExportPages
from workers.gateway.desk.figures import FiguresPages
from workers.gateway.desk.frame import Frame, Handler, led_to_login, see_other
from workers.gateway.desk.inbox import InboxPages
from workers.gateway.desk.member import MemberPages
from workers.gateway.desk.money import MoneyPages
from workers.gateway.desk.rendering import PREFIX, Pages, Static
from workers.gateway.desk.rules import RulesPage
from workers.gateway.desk.search import SearchPages
from workers.gateway.desk.sending import Forms
from workers.gateway.desk.settlements import SettlementPages
from workers.gateway.living import Living
from workers.gateway.logbook import Logbook
from workers.gateway.memberships import Memberships
from workers.gateway.refusals import not_found
from workers.gateway.settings import GatewaySettings
from workers.gateway.through import Door


class Desk:
    """The pages of the caseworkers.

    Args:
        settings: of the gateway.
        door: who asks.
        logbook: what is kept.
        memberships: who is asked and told.
        living: how they are asked by the prices in force.
        letters: who we are, as letters have it.
    """

    def __init__(
        self,
        settings: GatewaySettings,
        door: Door,
        logbook: Logbook,
        memberships: Memberships,
        living: Living,
        letters: NotificationSettings,
    ) -> None:
        self._static = Static()
        self._frame = Frame(settings, door, logbook, Pages(settings, self._static))
        self._memberships = memberships
        self._letters = letters
        self._living = living

    def routes(self) -> APIRouter:
        """Return the pages."""
        router = APIRouter(include_in_schema=False)
        search = SearchPages(self._frame)
        member = MemberPages(self._frame, self._living, self._memberships, self._letters)
        forms = Forms(self._frame, self._living, self._memberships, self._letters)
        rules = RulesPage(self._frame)
        inbox = InboxPages(self._frame)
        export = ExportPages(self._frame)
        figures = FiguresPages(self._frame)
        settlements = SettlementPages(self._frame, self._memberships)
        money = MoneyPages(self._frame, self._memberships, self._letters)
        case = "/cases/{membership_id}"
        one = "/members/{membership_id}"
        letter = f"{one}/letters/{{message_id}}"
        pages: tuple[tuple[str, str, Handler], ...] = (
            ("GET", "", self.begin),
            ("GET", "/search", search.ask),
            ("POST", "/search", search.answer),
            ("GET", one, member.show),
            ("GET", letter, member.letter),
            ("POST", letter, member.resend),
            ("GET", f"{letter}/files/{{nth:int}}", member.file),
            ("GET", f"{one}/forms/{{form}}", forms.ask),
            ("POST", f"{one}/forms/{{form}}", forms.answer),
            ("GET", f"{one}/export", export.ask),
            ("POST", f"{one}/export", export.answer),
            ("GET", "/rules", rules.show),
            ("GET", "/figures", figures.show),
            ("GET", "/figures/{name}.csv", figures.table),
            ("GET", "/figures/{name}.svg", figures.picture),
            ("GET", "/inbox", inbox.show),
            ("GET", "/money", money.show),
            ("GET", "/payments/{task_id:int}", money.payment),
            ("POST", "/payments/{task_id:int}", money.place),
            ("GET", f"{one}/refund", money.credit),
            ("POST", f"{one}/refund", money.pay_out),
            ("GET", "/refunds/{refund_id}", money.refund),
            ("POST", "/refunds/{refund_id}", money.decide),
            ("GET", "/settlements", settlements.show),
            ("GET", "/lists/{number}", settlements.one),
            ("GET", "/lists/{number}/{membership_id}", settlements.ask),
            ("POST", "/lists/{number}/{membership_id}", settlements.decide),
            ("GET", case, inbox.case),
            ("POST", case, inbox.move),
        )
        pages += (("GET", "/{path:path}", self.nothing),)
        router.add_route(f"{PREFIX}/static/{{digest}}/{{name}}", self.file, methods=["GET"])
        for method, path, handler in pages:
            router.add_route(PREFIX + path, led_to_login(handler), methods=[method])
        return router

    async def begin(self, request: Request) -> Response:
        """Lead to the first page that somebody may see."""
        caller = await self._frame.caller(request, View.SEARCH)
        first = "inbox" if may_view(caller.roles, View.INBOX) else "search"
        return see_other(f"{PREFIX}/{first}")

    async def nothing(self, request: Request) -> Response:
        """Say that there is no such page: what is behind the desk would answer in its own way."""
        await self._frame.caller(request, View.SEARCH)
        raise not_found()

    async def file(self, request: Request) -> Response:
        """Return the stylesheet or the script, to anybody."""
        return self._static.answer(request.path_params["name"])
