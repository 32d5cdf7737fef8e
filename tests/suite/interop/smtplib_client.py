"""A client for the trials. Arguments: certificate to trust, name of the host, port at 127.0.0.1."""

import email.message
import smtplib
import socket
import ssl
import sys

CA, HOST, PORT = sys.argv[1], sys.argv[2], int(sys.argv[3])
YOU, ANN = "you@sender.test", "ann@shop.test"


class Client(smtplib.SMTP):
    """Knows where the host is without asking anybody."""

    def _get_socket(self, host, port, timeout):
        return socket.create_connection(("127.0.0.1", port), timeout)


with Client(HOST, PORT, local_hostname="client.sender.test", timeout=20) as client:
    client.ehlo()
    offered = set(client.esmtp_features)
    wanted = {"pipelining", "size", "8bitmime", "smtputf8", "chunking", "dsn", "starttls", "enhancedstatuscodes"}
    assert wanted <= offered, f"offered are {offered}"
    client.starttls(context=ssl.create_default_context(cafile=CA))
    client.login("ann", "secret")
    refused = client.sendmail(YOU, [ANN, "full@shop.test", "bob@shop.test"], "Subject: hi\n\nhi\n.dot\n")
    assert {to: code for to, (code, _) in refused.items()} == {"full@shop.test": 552}, refused

    message = email.message.EmailMessage()
    message["Subject"], message["From"], message["To"] = "Grüße", YOU, ANN
    message.set_content("Grüße\n", cte="8bit")
    assert client.send_message(message, mail_options=["BODY=8BITMIME"]) == {}

    del message["To"]
    message["To"] = "jörg@shop.test"
    assert client.send_message(message) == {}

    try:
        client.sendmail(YOU, "550@shop.test", "Subject: hi\n\nhi\n")
    except smtplib.SMTPRecipientsRefused as error:
        assert error.recipients["550@shop.test"][0] == 550, error
    else:
        raise AssertionError("nobody was refused")
    assert client.verify("ann@shop.test")[0] in (250, 252)
    assert client.noop()[0] == 250
