/** A button that saves a text as a file. */
import { useEffect, useMemo } from 'preact/hooks'

export function Download({ text, file, label }: { text: string; file: string; label: string }) {
  const url = useMemo(
    () => URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' })),
    [text],
  )
  useEffect(() => () => URL.revokeObjectURL(url), [url])
  return (
    <a class="button" href={url} download={file}>
      {label}
    </a>
  )
}
