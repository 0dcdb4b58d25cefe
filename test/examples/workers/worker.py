"""Prints the subjects in the inbox of an email account. Standard library only.

With a number of seconds as its argument, it does so again and again.
Run with MAILGRANT_URL, MAILGRANT_KEY (an API key with the scope "tokens") and MAILGRANT_ACCOUNT (ma_...).
"""

import imaplib
import json
import os
import ssl
import sys
import time
from email import message_from_bytes
from email.policy import default
from urllib.error import HTTPError
from urllib.request import Request, urlopen

ACCOUNT = f"{os.environ['MAILGRANT_URL']}/v1/mail-accounts/{os.environ['MAILGRANT_ACCOUNT']}"
HEADERS = {
    "Authorization": f"Bearer {os.environ['MAILGRANT_KEY']}",
    "Content-Type": "application/json",
}


def fetch_token(rejected_expires_at=None):
    """Return a token with its server. Exit with the reason if a person has to act first."""
    body = json.dumps({"rejected_expires_at": rejected_expires_at} if rejected_expires_at else {})
    while True:
        request = Request(f"{ACCOUNT}/access-token", body.encode(), HEADERS)
        try:
            with urlopen(request, timeout=60) as response:
                token = json.load(response)
                # Mailgrant has another token from five minutes before the end of this one.
                token["keep_until"] = time.time() + token["expires_in"] - 300
                return token
        except HTTPError as error:
            problem = json.load(error)
            if error.code not in (429, 503):
                raise SystemExit(f"{problem['title']}: {problem['detail']}")
            # Microsoft is down or throttles: the header says when to ask again.
            time.sleep(int(error.headers["Retry-After"]))


def connect(token):
    tls = ssl.create_default_context()
    imap = imaplib.IMAP4_SSL(token["host"], token["port"], ssl_context=tls, timeout=60)
    xoauth2 = token["xoauth2_raw"].encode()
    imap.authenticate("XOAUTH2", lambda challenge: b"" if challenge else xoauth2)
    return imap


# The current access token, kept in memory only.
token = None


def log_in():
    global token
    if token is None or time.time() >= token["keep_until"]:
        token = fetch_token()
    try:
        return connect(token)
    except imaplib.IMAP4.error:
        # The server refused the token before its time. Report that, and try once with another.
        refused = token
        token = fetch_token(refused["expires_at"])
        if token["access_token"] == refused["access_token"]:
            raise
        return connect(token)


def print_subjects():
    with log_in() as imap:
        imap.select("INBOX", readonly=True)
        _, [numbers] = imap.search(None, "ALL")
        for number in numbers.split():
            _, [(_, header), *_] = imap.fetch(number.decode(), "(BODY.PEEK[HEADER])")
            print(message_from_bytes(header, policy=default)["Subject"], flush=True)


print_subjects()
while len(sys.argv) > 1:
    time.sleep(int(sys.argv[1]))
    print_subjects()
