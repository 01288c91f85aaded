"""Mails that come back, in the shapes that mail servers give them."""

ADDRESS = "kari@example.org"


def postfix(reference: str, action: str = "failed", said: str = "550 5.1.1 User unknown") -> bytes:
    """A report of Postfix: three parts, the returned mail whole."""
    status = next((word for word in said.split() if word.count(".") == 2), "5.0.0")
    return f"""\
Return-Path: <>
From: MAILER-DAEMON@mail.example (Mail Delivery System)
To: brev@union.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B.1/mail.example"

This is a MIME-encapsulated message.

--B.1/mail.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--B.1/mail.example
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example
X-Postfix-Queue-ID: 4ABC
Arrival-Date: Mon, 23 Nov 2026 10:00:00 +0100 (CET)

Final-Recipient: rfc822; {ADDRESS}
Original-Recipient: rfc822;{ADDRESS}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.example.org
Diagnostic-Code: smtp; {said} <{ADDRESS}>

--B.1/mail.example
Content-Description: Undelivered Message
Content-Type: message/rfc822

From: brev@union.example
To: {ADDRESS}
Subject: Velkommen
Message-ID: <{reference}@union.example>
X-Reference: {reference}

Hei

--B.1/mail.example--
""".encode()


def exim(reference: str) -> bytes:
    """A report of an older Exim: no parts, the returned mail quoted in the text."""
    return f"""\
Return-path: <>
From: Mail Delivery System <Mailer-Daemon@mail.example>
To: brev@union.example
Subject: Mail delivery failed: returning message to sender
X-Failed-Recipients: {ADDRESS}
Auto-Submitted: auto-replied

This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {ADDRESS}
    host mx.example.org [192.0.2.7]
    SMTP error from remote mail server after RCPT TO:<{ADDRESS}>:
    550 5.1.1 <{ADDRESS}>: Recipient address rejected: User unknown

------ This is a copy of the message's headers. ------

From: brev@union.example
To: {ADDRESS}
Message-ID: <{reference}@union.example>
""".encode()


def exchange(reference: str) -> bytes:
    """A report of Exchange: HTML first, a vague status, a Message-ID of the relay's own."""
    return f"""\
From: postmaster@outlook.example
To: brev@union.example
Subject: Undeliverable: Velkommen
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="_000_x_"
X-MS-Exchange-Message-Is-Ndr:

--_000_x_
Content-Type: multipart/alternative; boundary="_001_x_"

--_001_x_
Content-Type: text/html; charset="utf-8"
Content-Transfer-Encoding: base64

PGI+WW91ciBtZXNzYWdlIGNvdWxkbid0IGJlIGRlbGl2ZXJlZDwvYj4=

--_001_x_--

--_000_x_
Content-Type: message/delivery-status

Reporting-MTA: dns;AM0PR01.eurprd01.prod.outlook.example
Received-From-MTA: dns;mail.example

Final-Recipient: rfc822;{ADDRESS}
Action: failed
Status: 5.0.0
Diagnostic-Code: smtp;550 5.4.1 Recipient address rejected: Access denied.

--_000_x_
Content-Type: text/rfc822-headers

Received: from mail.example
From: <brev@union.example>
Message-ID: <AM0PR01MB123@AM0PR01.eurprd01.prod.outlook.example>
X-Reference: {reference}

--_000_x_--
""".encode()


def truncated(reference: str) -> bytes:
    """Postfix's report, cut off before it says what happened."""
    whole = postfix(reference)
    return whole[: whole.index(b"Action:")]


OUT_OF_OFFICE = b"""\
From: kari@example.org
To: brev@union.example
Subject: Automatisk svar: Velkommen
Auto-Submitted: auto-replied
In-Reply-To: <0123456789abcdef0123456789abcdef01234567@union.example>

Jeg er tilbake over nytt\xc3\xa5r.
"""

QUESTION = b"""\
From: kari@example.org
To: brev@union.example
Subject: Re: Velkommen

Hei, hva koster det?
"""
