"""For the bench's mitmdump processes, ours and the bare one alike: every host is the bench's site on this machine."""

import asyncio
import os


def running() -> None:
    """Answer every look-up with the site that the bench has started."""
    loop = asyncio.get_running_loop()
    real = loop.getaddrinfo

    async def getaddrinfo(_host, _port, **kinds):  # noqa: ANN001, ANN003, ANN202 - asyncio's own interface
        return await real("127.0.0.1", int(os.environ["BENCH_SITE_PORT"]), **kinds)

    loop.getaddrinfo = getaddrinfo
