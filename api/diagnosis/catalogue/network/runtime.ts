/** Runtimes that cannot send the request. */
import { questions } from '../../questions.ts'
import { type Cause, WEIGHT } from '../cause.ts'
import { ofProgram } from '../conditions.ts'
import { onlyFor, unless } from '../fixes.ts'
import * as by from '../indicators.ts'

const isNoPhp = ofProgram(/\b(?:python|ruby|perl|java|curl: \(77\))/)

export const runtimeCannotCallOut: Cause = {
  slug: 'runtime-cannot-call-out',
  title: "The program's runtime cannot make the call",
  explanation:
    'The request never left the machine: the runtime lacks an extension or forbids a function that it needs for TLS or HTTPS, or it has no root certificates with which to verify Microsoft. Nothing was sent to Microsoft.',
  responsible: 'operator',
  fixes: [
    unless(isNoPhp, {
      risk: 'PHP: enable the extensions openssl and curl, set allow_url_fopen = On, and remove the function from disable_functions. Web server and command line have separate php.ini files.',
      command:
        "php -i | grep -E 'Loaded Configuration|allow_url_fopen|disable_functions|curl.cainfo|openssl.cafile'",
    }),
    onlyFor(by.meaning(1, 'ca-file-missing', 'certificate-untrusted'), [
      'No root certificates: install them (Debian, Ubuntu, Alpine: ca-certificates) and point the runtime to them (PHP: curl.cainfo and openssl.cafile, on Windows a .pem of https://curl.se/docs/caextract.html). Do not turn verification off: the token would go to any server that responds.',
    ]),
    unless(ofProgram(/\bphp/), [
      'Python on macOS: run "Install Certificates.command" of the Python folder. Replace a Python, Ruby or mail program without SSL support by one that has it.',
    ]),
    onlyFor(by.text(1, /\bimap_|\bimap functions\b/), [
      "PHP's imap extension has no OAuth, and PHP 8.4 does not contain it: use a library such as webklex/php-imap.",
    ]),
  ],
  docs: [
    'https://www.php.net/manual/en/filesystem.configuration.php',
    'https://www.php.net/manual/en/openssl.configuration.php',
    'https://curl.se/docs/caextract.html',
  ],
  sources: ['program', 'tls', 'system'],
  indicators: [
    by.text(WEIGHT.names + 1, [
      /allow_url_fopen|no suitable wrapper|unable to find the (?:wrapper|socket transport)/,
      /undefined function (?:\w{1,40}\\){0,4}(?:curl_|openssl_|fsockopen|stream_socket)/,
      /(?:fsockopen|pfsockopen|stream_socket_client|stream_socket_enable_crypto|curl_exec|curl_init|curl_multi_exec|proc_open)(?:\(\))? (?:has been|is) disabled/,
      /extension missing: (?:openssl|curl)|(?:openssl|curl)'? extension (?:is )?(?:missing|required|not (?:loaded|installed|enabled))|extension '?(?:openssl|curl)'? (?:could not be found|is missing|is not)|requires? (?:the )?(?:php )?(?:openssl|curl)\b/,
      /\b(?:ssl|tls) support (?:is )?(?:missing|not (?:available|compiled))|no ssl support|(?:support for tls|ssl support) is not compiled|ssl module is not available|(?:openssl library|ssl extension) not installed|could not load ssl library|tls engine is unavailable|(?:ssl|tls) is unavailable/,
    ]),
    by.meaning(WEIGHT.names, 'ca-file-missing'),
    by.text(WEIGHT.suggests + 1.5, [
      /undefined function (?:\w{1,40}\\){0,4}imap_|imap functions not available/,
    ]),
    by.meaning(1.5, 'certificate-untrusted'),
  ],
  ask: [questions.otherClient],
}
