/** Marks comments, strings and keywords in code. */
const KEYWORDS: Record<string, string> = {
  js: 'async await const else export for from function if import let new of return throw try catch',
  python: 'and as def else except for from if import in not or raise return try while with',
  jsx: 'const default export from function import new null return',
  ts: 'await const from if import new throw type',
  php: 'as catch else exit for foreach function if isset new return throw try use',
}
const COMMENT: Record<string, string> = {
  js: '\\/\\/[^\\n]*|\\/\\*[^]*?\\*\\/',
  jsx: '\\/\\/[^\\n]*',
  ts: '\\/\\/[^\\n]*',
  php: '\\/\\/[^\\n]*|\\/\\*[^]*?\\*\\/',
  python: '#[^\\n]*',
  sh: '(?<=^|\\s)#[^\\n]*',
}
const STRING = String.raw`"""[^]*?"""|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"`

/** Returns HTML: the escaped code, with marks where the language is known. */
export function highlight(code: string, language: string): string {
  const comment = COMMENT[language]
  if (comment === undefined && language !== 'json') return escapeHtml(code)
  // A quoted body of curl goes over several lines.
  const string = language === 'sh' ? STRING.replaceAll('\\n', '') : STRING
  const keywords = KEYWORDS[language]?.replaceAll(' ', '|')
  const pattern = new RegExp(
    [
      `(?<i>${comment ?? '(?!)'})`,
      `(?<s>${string})`,
      `(?<b>${keywords ? `\\b(?:${keywords})\\b` : '(?!)'})`,
    ].join('|'),
    'gm',
  )
  let html = ''
  let end = 0
  for (const match of code.matchAll(pattern)) {
    const tag = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined)?.[0]
    html += `${escapeHtml(code.slice(end, match.index))}<${tag}>${escapeHtml(match[0])}</${tag}>`
    end = match.index + match[0].length
  }
  return html + escapeHtml(code.slice(end))
}

export const escapeHtml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
