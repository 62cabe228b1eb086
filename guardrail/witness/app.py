"""The witness's two pages: `add-checkpoint` takes a ledger's next state, `checkpoints` gives what is remembered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from guardrail.errors import LedgerError
from guardrail.witness.keeper import Answer, Keeper
from guardrail.witness.submission import MOST_BYTES, PATH

log = structlog.get_logger("guardrail.witness")


def build(keeper: Keeper, now: Callable[[], datetime]) -> Starlette:
    """Build the app."""

    async def add_checkpoint(request: Request) -> Response:
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                return PlainTextResponse("this is longer than any submission\n", 413)
        try:
            answer = await run_in_threadpool(keeper.add, bytes(body), now())
        except LedgerError as error:
            log.error("not remembered", reason=str(error))  # noqa: TRY400 - its one line says all
            answer = Answer(503, "the witness cannot remember anything now: try again later\n")
        # As a header: Starlette adds a charset to a text's type, and C2SP names the type alone.
        return Response(answer.text, answer.status, {"content-type": answer.content_type})

    async def checkpoints(_: Request) -> Response:
        return PlainTextResponse("\n".join(await run_in_threadpool(keeper.latest)))

    return Starlette(routes=[Route(PATH, add_checkpoint, methods=["POST"]), Route("/checkpoints", checkpoints)])
