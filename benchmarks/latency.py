"""A way to a server that takes its time: everything arrives, in order, a little later."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from workers.stack.ports import HOST

CHUNK = 65536


@asynccontextmanager
async def delayed(seconds: float, host: str, port: int | None) -> AsyncIterator[int]:
    """Listen on a free port, and hand on what comes to a server and back.

    Args:
        seconds: how long each way takes.
        host: of the server, or the path of its socket.
        port: of the server; None for a socket.

    Yields:
        The port, on 127.0.0.1.
    """
    open_ways: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if port is None:
            there = await asyncio.open_unix_connection(host)
        else:
            there = await asyncio.open_connection(host, port)
        for source, sink in ((reader, there[1]), (there[0], writer)):
            task = asyncio.create_task(_hand_on(source, sink, seconds))
            open_ways.add(task)
            task.add_done_callback(open_ways.discard)

    server = await asyncio.start_server(connected, HOST, 0)
    try:
        number: int = server.sockets[0].getsockname()[1]
        yield number
    finally:
        server.close()
        for task in tuple(open_ways):
            task.cancel()
        await asyncio.gather(*open_ways, return_exceptions=True)


async def _hand_on(
    source: asyncio.StreamReader, sink: asyncio.StreamWriter, seconds: float
) -> None:
    """Hand on what comes, each piece at its time; the pieces behind it are under way meanwhile."""
    loop = asyncio.get_running_loop()
    under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def arrive() -> None:
        while True:
            at, piece = await under_way.get()
            await asyncio.sleep(at - loop.time())
            if not piece:
                return
            sink.write(piece)
            await sink.drain()

    arriving = asyncio.create_task(arrive())
    try:
        with suppress(ConnectionError):
            while piece := await source.read(CHUNK):
                under_way.put_nowait((loop.time() + seconds, piece))
        under_way.put_nowait((loop.time() + seconds, b""))
        with suppress(ConnectionError):
            await arriving
    finally:
        arriving.cancel()
        sink.close()
