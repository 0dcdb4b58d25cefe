<?php

/**
 * Prints the subjects in the inbox of an email account. PHP 8.4 with its own extensions only.
 * With a number of seconds as its argument, it does so again and again.
 * Run with MAILGRANT_URL, MAILGRANT_KEY (an API key with the scope "tokens") and MAILGRANT_ACCOUNT (ma_...).
 */

declare(strict_types=1);

/** Returns a token with its server. Throws with the reason if a person has to act first. */
function fetchToken(?string $rejectedExpiresAt = null): array
{
    $body = $rejectedExpiresAt === null ? '{}' : json_encode(['rejected_expires_at' => $rejectedExpiresAt]);
    $context = stream_context_create(['http' => [
        'method' => 'POST',
        'header' => ['Authorization: Bearer ' . getenv('MAILGRANT_KEY'), 'Content-Type: application/json'],
        'content' => $body,
        'ignore_errors' => true,
        'timeout' => 60,
    ]]);
    $url = getenv('MAILGRANT_URL') . '/v1/mail-accounts/' . getenv('MAILGRANT_ACCOUNT') . '/access-token';
    while (true) {
        $answer = json_decode((string) file_get_contents($url, false, $context), true, flags: JSON_THROW_ON_ERROR);
        $headers = http_get_last_response_headers();
        $status = (int) explode(' ', $headers[0])[1];
        if ($status === 200) {
            // Mailgrant has another token from five minutes before the end of this one.
            return [...$answer, 'keep_until' => time() + $answer['expires_in'] - 300];
        }
        if ($status !== 429 && $status !== 503) {
            throw new RuntimeException("{$answer['title']}: {$answer['detail']}");
        }
        // Microsoft is down or throttles: the header says when to ask again.
        [$retryAfter] = preg_replace('/^retry-after: */i', '', array_values(preg_grep('/^retry-after:/i', $headers)));
        sleep((int) $retryAfter);
    }
}

class LoginRefused extends RuntimeException
{
}

/** Sends a command and returns the lines of its answer. Throws with the server's words if it refuses. */
function command($imap, string $command): array
{
    fwrite($imap, "a1 $command\r\n");
    $lines = [];
    while (($line = fgets($imap)) !== false) {
        if (str_starts_with($line, '+ ')) {
            fwrite($imap, "\r\n");
        } elseif (!str_starts_with($line, 'a1 ')) {
            $lines[] = rtrim($line);
        } elseif (str_starts_with($line, 'a1 OK')) {
            return $lines;
        } elseif (str_starts_with($command, 'AUTHENTICATE')) {
            throw new LoginRefused($line);
        } else {
            throw new RuntimeException($line);
        }
    }
    throw new RuntimeException('The server closed the connection.');
}

function connect(array $token)
{
    $imap = stream_socket_client("tls://{$token['host']}:{$token['port']}", $code, $error, 60);
    if ($imap === false) {
        throw new RuntimeException($error);
    }
    fgets($imap);
    command($imap, "AUTHENTICATE XOAUTH2 {$token['xoauth2']}");
    return $imap;
}

function logIn()
{
    // The current access token, kept in memory only.
    static $token = null;
    if ($token === null || time() >= $token['keep_until']) {
        $token = fetchToken();
    }
    try {
        return connect($token);
    } catch (LoginRefused $refusal) {
        // The server refused the token before its time. Report that, and try once with another.
        $refused = $token;
        $token = fetchToken($refused['expires_at']);
        if ($token['access_token'] === $refused['access_token']) {
            throw $refusal;
        }
        return connect($token);
    }
}

function printSubjects(): void
{
    $imap = logIn();
    // In an empty inbox, a server rejects every range of messages.
    $isEmpty = in_array('* 0 EXISTS', command($imap, 'EXAMINE INBOX'), true);
    $headers = $isEmpty ? [] : command($imap, 'FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT)])');
    foreach (preg_grep('/^subject:/i', $headers) as $subject) {
        echo iconv_mime_decode(substr($subject, 9), ICONV_MIME_DECODE_CONTINUE_ON_ERROR, 'UTF-8'), "\n";
    }
    command($imap, 'LOGOUT');
}

printSubjects();
while ($argc > 1) {
    sleep((int) $argv[1]);
    printSubjects();
}
