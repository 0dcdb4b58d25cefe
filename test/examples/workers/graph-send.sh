#!/bin/sh
# Sends the MIME message on standard input through Microsoft Graph, with curl 7.84 or newer.
# Run with MAILGRANT_URL, MAILGRANT_ACCOUNT (ma_...) and MAILGRANT_KEY_FILE, a file of mode 600 with one line:
# "Authorization: Bearer mg_key_...". The API key needs the scope "tokens" and this account only.

message=$(mktemp)
trap 'rm -f "$message"' EXIT
base64 >"$message"

# Gets a token. $1: the JSON body. curl retries twice at most, and waits as long as Retry-After says.
fetch_token() {
  token=$(
    curl -sS --fail-with-body --max-time 60 --retry 2 -H "@$MAILGRANT_KEY_FILE" \
      -H 'Content-Type: application/json' -d "$1" \
      "$MAILGRANT_URL/v1/mail-accounts/$MAILGRANT_ACCOUNT/access-token"
  ) || {
    printf '%s\n' "$token" >&2
    exit 1
  }
}

# Prints a member of the token.
member() {
  printf '%s' "$token" | sed "s/.*\"$1\":\"\([^\"]*\)\".*/\1/"
}

# Sends the message. curl gets the token on standard input, since every user of the machine can
# read its arguments. It must not retry: after a timeout or a 5xx, the message might have been sent.
send() {
  response=$(
    echo "Authorization: Bearer $(member access_token)" |
      curl -sS --max-time 60 -H @- -H 'Content-Type: text/plain' --data-binary "@$message" \
        -w '\n%{http_code} %header{retry-after}' \
        "$(member api_base)$(member mailbox_path)/sendMail"
  ) || exit 1
  last_line=$(printf '%s\n' "$response" | tail -n 1)
  status=${last_line% *}
  retry_after=${last_line#* }
  if [ "$status" = 429 ] && [ -n "$retry_after" ]; then
    sleep "$retry_after"
    send
  fi
}

fetch_token '{}'
send
if [ "$status" = 401 ]; then
  # Graph refused the token before its time. Report that, and try once with another.
  fetch_token "{\"rejected_expires_at\": \"$(member expires_at)\"}"
  send
fi
if [ "$status" != 202 ]; then
  printf '%s\n' "$response" >&2
  exit 1
fi
