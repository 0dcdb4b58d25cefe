"""Sends the MIME message on standard input through Microsoft Graph. Standard library only.

Run with MAILGRANT_URL, MAILGRANT_ACCOUNT (ma_...) and MAILGRANT_KEY_FILE, a file of mode 600 with one line:
"Authorization: Bearer mg_key_...". The API key needs the scope "tokens" and this account only.
"""

import json
import os
import sys
import time
from base64 import b64encode
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

ACCOUNT = f"{os.environ['MAILGRANT_URL']}/v1/mail-accounts/{os.environ['MAILGRANT_ACCOUNT']}"
NAME, KEY = Path(os.environ["MAILGRANT_KEY_FILE"]).read_text().strip().split(": ")


def post(url, headers, body, repeat_after):
    """Return the status and the body. Repeat after these statuses, as late as Retry-After says."""
    while True:
        try:
            with urlopen(Request(url, body, headers), timeout=60) as response:
                return response.status, response.read()
        except HTTPError as error:
            seconds = error.headers["Retry-After"]
            if error.code not in repeat_after or seconds is None:
                return error.code, error.read()
            time.sleep(int(seconds))


def fetch_token(**question):
    """Return a token with its URL. Exit with the reason if a person has to act first."""
    headers = {NAME: KEY, "Content-Type": "application/json"}
    body = json.dumps(question).encode()
    status, text = post(f"{ACCOUNT}/access-token", headers, body, (429, 503))
    token = json.loads(text)
    if status != 200:
        raise SystemExit(f"{token['title']}: {token['detail']}")
    return token


def send(token, message):
    url = f"{token['api_base']}{token['mailbox_path']}/sendMail"
    headers = {"Authorization": f"Bearer {token['access_token']}", "Content-Type": "text/plain"}
    # Not after a timeout or a 5xx: the message might have been sent.
    return post(url, headers, b64encode(message), (429,))


message = sys.stdin.buffer.read()
token = fetch_token()
status, text = send(token, message)
if status == 401:
    # Graph refused the token before its time. Report that, and try once with another.
    status, text = send(fetch_token(rejected_expires_at=token["expires_at"]), message)
if status != 202:
    raise SystemExit(f"{status} {text.decode()}")
