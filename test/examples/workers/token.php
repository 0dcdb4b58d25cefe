<?php

// Fetches an access token. Prints where to use it. PHP's own extensions only.
declare(strict_types=1);

$url = 'https://mail.example.com/v1/mail-accounts/ma_.../access-token';
$context = stream_context_create(['http' => [
    'method' => 'POST',
    'header' => trim(file_get_contents(getenv('HOME') . '/.config/mailgrant/key')),
    'ignore_errors' => true,
    'timeout' => 60,
]]);
$text = (string) file_get_contents($url, false, $context);
$token = json_decode($text, true);
if (!isset($token['access_token'])) {
    throw new RuntimeException($text);
}

// Log in with $token['access_token'].
echo "{$token['username']} at {$token['host']}:{$token['port']}, until {$token['expires_at']}\n";
