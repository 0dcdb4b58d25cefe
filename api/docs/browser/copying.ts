/** Adds a button to each block of code that copies it. */
export function setUpCopying(): void {
  for (const block of document.querySelectorAll('figure.code')) {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'copy'
    button.textContent = 'Copy'
    button.addEventListener('click', () => {
      const code = block.querySelector('code:not(figcaption code)')?.textContent ?? ''
      navigator.clipboard.writeText(code).then(
        () => say(button, 'Copied'),
        () => say(button, 'Not copied'),
      )
    })
    block.append(button)
  }
}

function say(button: HTMLElement, text: string): void {
  button.textContent = text
  setTimeout(() => {
    button.textContent = 'Copy'
  }, 2000)
}
