"""A mail server that answers by chance: rightly, wrongly, with noise, or by hanging up."""

import asyncio
import random
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

ODD: tuple[bytes, ...] = (
    b"421 4.3.2 closing\r\n", b"450 4.2.0 greylisted\r\n", b"451 local error\r\n",
    b"452 4.3.1 full\r\n", b"500 what\r\n", b"501 5.1.3 syntax\r\n", b"503 sequence\r\n",
    b"535 5.7.8 no\r\n", b"550 no\r\n", b"550 5.1.1 unknown\r\n", b"552 5.2.2 full\r\n",
    b"554 5.7.1 blocked\r\n", b"599 x\r\n", b"250\r\n", b"250-more\r\n250 ok\r\n",
    b"250-never ends\r\n", b"354 go on\r\n", b"220 hello again\r\n", b"hello\r\n", b"\r\n",
    b"9\r\n", b"25\r\n", b"250 ok\n", b"\xff\xfe 250 ok\r\n", b"250 \xc3\x28\r\n",
    b"250 " + b"x" * 20_000 + b"\r\n", b"250 ok\r\n250 ok\r\n", b"<html>\r\n", b"-250 ok\r\n", b"",
)  # fmt: skip
"""What it says instead of an answer; nothing: it hangs up."""

_ID = re.compile(rb"(?im)^Message-ID:\s*<([^>@]+)@")


@dataclass
class OddServer:
    """What it has told that it took.

    Attributes:
        chance: which answers come; None: only right ones.
        taken: how often each mail was taken for good, and that told, by the letter's opaque id.
        unsure: the same of mails whose sender can't know it: the answer was odd, or none.
    """

    chance: random.Random | None
    port: int = 0
    taken: Counter[str] = field(default_factory=Counter)
    unsure: Counter[str] = field(default_factory=Counter)

    def _odd(self) -> bytes | None:
        if self.chance is None or self.chance.random() > 0.12:
            return None
        return self.chance.choice(ODD)

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until either side has enough of it."""
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            if await self._say(writer, b"220 mail.example\r\n"):
                while line := await reader.readline():
                    if not await self._answer(line, reader, writer):
                        break
        writer.close()

    async def _answer(
        self, line: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Return whether the connection goes on."""
        command = line[:4].upper()
        if command == b"QUIT":
            await self._say(writer, b"221 bye\r\n")
            return False
        if command != b"DATA":
            return await self._say(writer, b"250 ok\r\n")
        odd = self._odd()
        if odd is not None and odd[:3] != b"354":
            return await self._write(writer, odd)
        await self._write(writer, b"354 go on\r\n")
        content = await reader.readuntil(b"\r\n.\r\n")
        found = _ID.search(content)
        letter = found.group(1).decode() if found else ""
        odd = self._odd()
        if odd is None:
            self.taken[letter] += 1
            return await self._write(writer, b"250 taken\r\n")
        # A server that says no has not got it; one that says nothing clear may have.
        if odd[:1] not in (b"4", b"5"):
            self.unsure[letter] += 1
        return await self._write(writer, odd)

    async def _say(self, writer: asyncio.StreamWriter, right: bytes) -> bool:
        odd = self._odd()
        return await self._write(writer, right if odd is None else odd)

    async def _write(self, writer: asyncio.StreamWriter, answer: bytes) -> bool:
        writer.write(answer)
        await writer.drain()
        return bool(answer)


@asynccontextmanager
async def odd_mail_server(chance: random.Random | None) -> AsyncIterator[OddServer]:
    """Run one until the block is left."""
    handler = OddServer(chance)
    server = await asyncio.start_server(handler.speak, "127.0.0.1", 0, limit=10**7)
    handler.port = server.sockets[0].getsockname()[1]
    try:
        yield handler
    finally:
        server.close()
