#!/bin/sh
# Fetches an access token. Prints it as JSON, with the server and the username for the login.
curl -sS --fail-with-body -X POST -H "@$HOME/.config/mailgrant/key" \
  https://mail.example.com/v1/mail-accounts/ma_.../access-token
