"""For the bench's proxies, ours and the bare one alike: every host is the bench's site on this machine.

As a mitmdump script it changes the look-up of names only; as a program it also runs guardrail.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

_real = asyncio.BaseEventLoop.getaddrinfo


async def _getaddrinfo(self: asyncio.BaseEventLoop, _host: Any, _port: Any, **kinds: Any) -> Any:
    return await _real(self, "127.0.0.1", int(os.environ["BENCH_SITE_PORT"]), **kinds)


asyncio.BaseEventLoop.getaddrinfo = _getaddrinfo  # type: ignore[method-assign,assignment]  # the one seam to the resolver


def main(settings: Path) -> None:
    """Run guardrail, which then takes the bench's site for the real one, whatever its certificate says."""
    from guardrail import wiring  # noqa: PLC0415 - a mitmdump that loads this file must stay bare
    from guardrail.proxy import launch  # noqa: PLC0415
    from guardrail.settings import read_settings  # noqa: PLC0415

    real = launch.road_options
    launch.road_options = lambda *given: {**real(*given), "ssl_insecure": True}
    wiring.run(read_settings(settings), lambda _facts: None)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
