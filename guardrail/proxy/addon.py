"""mitmproxy's hooks; whatever goes wrong in one on a watched host becomes a refusal (boundary.py).

mitmproxy itself fails open: a hook that raises is logged, and the request goes on to its site.
"""

from __future__ import annotations

from collections.abc import Awaitable
from weakref import WeakSet

from mitmproxy import connection, http, tcp, tls, websocket

from guardrail.gate import Pass
from guardrail.model.action import Action
from guardrail.model.http import HttpRequest, HttpResponse, find_header
from guardrail.model.people import Clinician
from guardrail.proxy import answers, convert, homeward, routing, tunnel
from guardrail.proxy.authority import INTERNAL
from guardrail.proxy.boundary import Boundary
from guardrail.proxy.pieces import Pieces
from guardrail.proxy.trip import Road, Trip, Way, trip_of
from guardrail.recognise import Unread

_FREE = Trip(Way.FREE)
_STRANGER = "guardrail does not know who you are, so it cannot let this through. Ask your IT to register you."
_NOT_HERE = "This site has no practice stand-in; in practice mode nothing reaches the real one."


class NotReadyError(Exception):
    """A request came before the house was built, or on a connection that could not be judged."""


class GuardrailAddon:
    """The hooks. Until `open` gives it a road, every request that mitmproxy decrypts is refused."""

    name = "guardrail"

    def __init__(self) -> None:
        """Start with no road: refuse."""
        self._road: Road | None = None
        self._distrusted: WeakSet[connection.Client] = WeakSet()
        self._boundary = Boundary()

    def open(self, road: Road) -> None:
        """Let traffic through by the parts of `road` from now on."""
        self._road = road
        self._boundary.record = road.failed

    # -- connections ---------------------------------------------------------------------------------

    def tls_clienthello(self, data: tls.ClientHelloData) -> None:
        """Decide whether a TLS connection is decrypted at all."""
        try:
            if self._road is not None:
                tunnel.judge(data, self._road.watches)
        except Exception as error:  # noqa: BLE001 - the boundary
            # Not passed on unseen; and whatever comes through it is refused.
            self._distrusted.add(data.context.client)
            self._boundary.report("tls_clienthello", error)

    def tcp_message(self, flow: tcp.TCPFlow) -> None:
        """Let nothing through to a watched host that is no HTTP: nobody could say what it does."""
        try:
            if not tunnel.watched_connection(flow.client_conn, flow.server_conn, self._ready().watches):
                return
        except Exception as error:  # noqa: BLE001 - the boundary
            self._boundary.report("tcp_message", error)
        flow.messages[-1].content = b""

    # -- requests ------------------------------------------------------------------------------------

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Say which way a flow goes; nothing of a watched one is sent on before the request hook."""
        try:
            # What mitmproxy has answered itself (log in first; no valid HTTP) goes nowhere.
            settled = flow.response is not None or flow.error is not None
            flow.metadata[Trip.KEY] = _FREE if settled else self._set_out(flow)
        except Exception as error:  # noqa: BLE001 - the boundary
            self._boundary.refuse(flow, "requestheaders", error)

    def request(self, flow: http.HTTPFlow) -> Awaitable[None] | None:
        """Recognise a request; at once and for good where it is nothing, else let the gate decide."""
        try:
            trip = trip_of(flow)
            if trip is _FREE or flow.response is not None:
                return None
            routing.measure(flow.request)
            return self._recognise(flow, self._ready(), trip)
        except Exception as error:  # noqa: BLE001 - the boundary
            self._boundary.refuse(flow, "request", error)
            return None

    def websocket_message(self, flow: http.HTTPFlow) -> Awaitable[None] | None:
        """Recognise what a page sends through a WebSocket; a message that may not pass is dropped."""
        trip = trip_of(flow)
        if trip is _FREE or flow.websocket is None:
            return None
        message = flow.websocket.messages[-1]
        # A socket may stay open all day: keep no history of what went through it.
        flow.websocket.messages[:-1] = []
        if not message.from_client:
            return None
        try:
            road = self._ready()
            frame = convert.to_frame(_asked(trip), message.content, road.body_limit)
            recognised = road.gate.recognise(frame)
            if recognised is None:
                return None
        except Exception as error:  # noqa: BLE001 - the boundary
            message.drop()
            self._boundary.report("websocket_message", error)
            return None
        return self._decide_frame(flow, message, road, frame, recognised)

    # -- answers -------------------------------------------------------------------------------------

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Choose how an answer of a watched site goes home."""
        trip = trip_of(flow)
        response = flow.response
        if trip is None or trip is _FREE or trip.answered or response is None:
            return
        try:
            if trip.way is Way.INTERNAL:
                response.stream = True  # the overlay's channel stays open
                return
            # A browser that heard of HTTP/3 there would go around the proxy.
            if find_header(response.headers.fields, "alt-svc") is not None:
                del response.headers["alt-svc"]
            if trip.request is None:
                return
            road = self._ready()
            content_type = find_header(response.headers.fields, "content-type") or ""
            trip.learns = road.learns_from(trip.request, content_type)
            chunked = flow.request.http_version == "HTTP/1.1"
            copy = _copy(road, trip.request, response) if trip.learns else None
            trip.reader = homeward.prepare(response, trip.request, chunked=chunked, copy=copy)
        except Exception as error:  # noqa: BLE001 - the boundary
            self._boundary.refuse(flow, "responseheaders", error)

    def response(self, flow: http.HTTPFlow) -> Awaitable[None] | None:
        """Learn identities from an answer that has come to its end."""
        trip = trip_of(flow)
        if trip is None or trip is _FREE or trip.way is Way.INTERNAL or flow.response is None:
            return None
        try:
            if trip.refusal is not None:
                # mitmproxy has put the site's empty body under our headers, if it had none.
                flow.response.raw_content = trip.refusal
            elif not trip.answered:
                return self._learn(flow, flow.response, trip)
        except Exception as error:  # noqa: BLE001 - the boundary
            self._boundary.refuse(flow, "response", error)
        return None

    # -- the road ------------------------------------------------------------------------------------

    def _ready(self) -> Road:
        if self._road is None:
            raise NotReadyError
        return self._road

    def _set_out(self, flow: http.HTTPFlow) -> Trip:
        road = self._ready()
        if flow.client_conn in self._distrusted:
            raise NotReadyError
        request = flow.request
        host = tunnel.watched_host(flow, road.watches)
        if host is None:
            return _FREE
        request.stream = False
        if host == INTERNAL:
            trip = Trip(Way.INTERNAL, request.scheme, host, request.port)
            routing.introduce(request, road.secret, _clinician(flow, road))
            routing.to_loopback(flow, road.pages)
            return trip
        trip = Trip(Way.WATCHED, request.scheme, host, request.port)
        routing.ask_readably(request)
        if road.practice is not None and host in road.practice.hosts:
            routing.to_loopback(flow, road.practice.address)
        return trip

    def _recognise(self, flow: http.HTTPFlow, road: Road, trip: Trip | None) -> Awaitable[None] | None:
        if trip is None:
            raise NotReadyError
        if trip.way is Way.INTERNAL:
            if trip.scheme == "http":
                _answer(flow, trip, answers.to_https(flow.request.path))
            return None
        request = convert.to_request(flow.request, trip.scheme, trip.host, trip.port, road.body_limit)
        trip.request = request
        recognised = road.gate.recognise(request)
        if recognised is not None:
            return self._decide(flow, trip, road, request, recognised)
        _keep_in_practice(flow, trip, road)
        return None

    def _learn(self, flow: http.HTTPFlow, response: http.Response, trip: Trip) -> Awaitable[None] | None:
        reader = trip.reader
        if reader is not None and reader.broken is not None:
            raise reader.broken
        if not trip.learns or trip.request is None:
            return None
        road = self._ready()
        if reader is not None and reader.body is None:
            return None  # too long, unreadable, or given away in pieces
        seen = convert.to_response(response, road.learn_limit, reader.body if reader is not None else None)
        if seen is None:
            return None
        if len(seen.body) > homeward.PIECE:
            return self._learn_aside(flow, road, trip.request, seen)
        road.gate.learn(trip.request, seen)
        return None

    async def _learn_aside(self, flow: http.HTTPFlow, road: Road, request: HttpRequest, seen: HttpResponse) -> None:
        """Learn from a long answer while others are served; it ends for the client when that is done."""
        try:
            await road.gate.learn_aside(request, seen)
        except Exception as error:  # noqa: BLE001 - the boundary
            self._boundary.refuse(flow, "response", error)

    async def _decide(
        self, flow: http.HTTPFlow, trip: Trip, road: Road, request: HttpRequest, recognised: Action | Unread
    ) -> None:
        try:
            clinician = _clinician(flow, road)
            if clinician is None:
                incident = self._boundary.report("unknown clinician", None)
                _answer(flow, trip, answers.refuse(request, incident, _STRANGER, status=403))
                return
            answer = await road.gate.decide(request, recognised, clinician)
            if not isinstance(answer, Pass):
                _answer(flow, trip, answers.respond(answer, request, road.watches))
                return
            if answer.replacement is not None:
                convert.rewrite(flow.request, answer.replacement)
                trip.request = answer.replacement
            _keep_in_practice(flow, trip, road)
        except Exception as error:  # noqa: BLE001 - the boundary
            self._boundary.refuse(flow, "request", error)

    async def _decide_frame(
        self,
        flow: http.HTTPFlow,
        message: websocket.WebSocketMessage,
        road: Road,
        frame: HttpRequest,
        recognised: Action | Unread,
    ) -> None:
        try:
            clinician = _clinician(flow, road)
            if clinician is None or not isinstance(await road.gate.decide(frame, recognised, clinician), Pass):
                message.drop()
        except Exception as error:  # noqa: BLE001 - the boundary
            message.drop()
            self._boundary.report("websocket_message", error)


def _asked(trip: Trip | None) -> HttpRequest:
    """Give the request that opened a socket. Raise NotReadyError where no hook has seen it."""
    if trip is None or trip.request is None:
        raise NotReadyError
    return trip.request


def _copy(road: Road, request: HttpRequest, response: http.Response) -> homeward.Copy:
    return homeward.Copy(road.learn_limit, Pieces(road.gate, request, response) if road.learn_pieces else None)


def _clinician(flow: http.HTTPFlow, road: Road) -> Clinician | None:
    login = flow.metadata.get("proxyauth")
    return road.who.clinician(login[0] if login else None, flow.client_conn.peername[0])


def _answer(flow: http.HTTPFlow, trip: Trip, response: http.Response) -> None:
    trip.answered = True
    flow.response = response


def _keep_in_practice(flow: http.HTTPFlow, trip: Trip, road: Road) -> None:
    if road.practice is not None and trip.host not in road.practice.hosts:
        _answer(flow, trip, answers.refuse(trip.request, "practice", _NOT_HERE, status=502))
