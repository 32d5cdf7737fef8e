"""A server for the trials: keeps each message in a file, the recipient in its first line. First says where it listens.

Arguments: folder for the messages, certificate, key.
"""

import asyncio
import itertools
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP

FOLDER, CERTIFICATE, KEY = sys.argv[1:]
REFUSALS = {
    "unknown": "550 5.1.1 no such user here",
    "full": "452 4.2.2 mailbox full",
    "spam": "550 5.7.1 message refused by policy",
}


class Handler:
    def __init__(self):
        self.numbers = itertools.count()

    async def handle_RCPT(self, server, session, envelope, address, options):
        refusal = REFUSALS.get(address.split("@")[0])
        if refusal and not address.startswith("spam"):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        for address in envelope.rcpt_tos:
            if address.startswith("spam"):
                return REFUSALS["spam"]
            transport = "plain" if session.ssl is None else "TLS"
            file = pathlib.Path(FOLDER, str(next(self.numbers)))
            file.write_bytes(f"{transport} {address}\n".encode() + envelope.original_content)
        return "250 2.0.0 taken"


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, KEY)
    handler = Handler()
    loop = asyncio.get_running_loop()
    factory = lambda: SMTP(handler, hostname="aio.test", tls_context=context, enable_SMTPUTF8=True)
    server = await loop.create_server(factory, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
