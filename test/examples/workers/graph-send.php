<?php

/**
 * Sends the MIME message on standard input through Microsoft Graph. PHP 8.4 with its own extensions only.
 * Run with MAILGRANT_URL, MAILGRANT_ACCOUNT (ma_...) and MAILGRANT_KEY_FILE, a file of mode 600 with one line:
 * "Authorization: Bearer mg_key_...". The API key needs the scope "tokens" and this account only.
 */

declare(strict_types=1);

/** Returns the status and the body. Repeats the request after these statuses, as late as Retry-After says. */
function post(string $url, array $headers, string $body, array $repeatAfter): array
{
    $context = stream_context_create(['http' => [
        'method' => 'POST',
        'header' => $headers,
        'content' => $body,
        'ignore_errors' => true,
        'timeout' => 60,
    ]]);
    while (true) {
        $text = file_get_contents($url, false, $context);
        if ($text === false) {
            throw new RuntimeException("$url did not respond.");
        }
        $received = http_get_last_response_headers();
        $status = (int) explode(' ', $received[0])[1];
        $retryAfter = array_values(preg_grep('/^retry-after:/i', $received));
        if (!in_array($status, $repeatAfter, true) || $retryAfter === []) {
            return [$status, $text];
        }
        sleep((int) explode(':', $retryAfter[0])[1]);
    }
}

/** Returns a token with its URL. Throws with the reason if a person has to act first. */
function fetchToken(?string $rejectedExpiresAt = null): array
{
    $url = getenv('MAILGRANT_URL') . '/v1/mail-accounts/' . getenv('MAILGRANT_ACCOUNT') . '/access-token';
    $headers = [trim(file_get_contents(getenv('MAILGRANT_KEY_FILE'))), 'Content-Type: application/json'];
    $body = $rejectedExpiresAt === null ? '{}' : json_encode(['rejected_expires_at' => $rejectedExpiresAt]);
    [$status, $text] = post($url, $headers, $body, [429, 503]);
    $token = json_decode($text, true, flags: JSON_THROW_ON_ERROR);
    if ($status !== 200) {
        throw new RuntimeException("{$token['title']}: {$token['detail']}");
    }
    return $token;
}

function send(array $token, string $message): array
{
    $url = "{$token['api_base']}{$token['mailbox_path']}/sendMail";
    $headers = ["Authorization: Bearer {$token['access_token']}", 'Content-Type: text/plain'];
    // Not after a timeout or a 5xx: the message might have been sent.
    return post($url, $headers, base64_encode($message), [429]);
}

$message = stream_get_contents(STDIN);
$token = fetchToken();
[$status, $text] = send($token, $message);
if ($status === 401) {
    // Graph refused the token before its time. Report that, and try once with another.
    [$status, $text] = send(fetchToken($token['expires_at']), $message);
}
if ($status !== 202) {
    throw new RuntimeException("$status $text");
}
