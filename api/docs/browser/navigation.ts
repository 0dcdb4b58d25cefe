/** Scrolls a long navigation to the entry of this page. */
export function showCurrentEntry(): void {
  const navigation = document.getElementById('navigation')
  const entry = navigation?.querySelector<HTMLElement>('[aria-current]')
  if (!navigation || !entry) return
  const hidden = entry.offsetTop + entry.offsetHeight - navigation.clientHeight
  if (hidden > 0) navigation.scrollTop = hidden + navigation.clientHeight / 2
}
