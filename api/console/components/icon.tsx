/** The console's icons, drawn on a grid of 16 by 16. Each is beside words, so none has an accessible name. */

const paths = {
  inbox: 'M2 9.5h3.2l1.3 2h3l1.3-2H14M2 9.5 4 3h8l2 6.5V13H2z',
  envelope: 'M2 3.5h12v9H2zM2.5 4.5 8 8.5l5.5-4',
  plug: 'M6 2v3M10 2v3M4.5 5h7v3a3.5 3.5 0 0 1-7 0zM8 11.5V14',
  key: 'M7.5 11a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0zM6.8 9.2l6.7-6.7M10.8 5.2l2 2',
  person: 'M8 8a2.75 2.75 0 1 0 0-5.5A2.75 2.75 0 0 0 8 8zM2.5 14a5.5 5.5 0 0 1 11 0',
  people:
    'M6 7.5A2.25 2.25 0 1 0 6 3a2.25 2.25 0 0 0 0 4.5zM1.5 13a4.5 4.5 0 0 1 9 0M10.5 3.1a2.25 2.25 0 0 1 0 4.3M12.2 9.3A4.5 4.5 0 0 1 14.5 13',
  bell: 'M3 11.5 4 9.8V6.5a4 4 0 0 1 8 0v3.3l1 1.7zM6.5 13.5a1.6 1.6 0 0 0 3 0',
  hash: 'M6.5 2.5 5 13.5M11 2.5 9.5 13.5M2.5 6h11.2M2.3 10h11.2',
  code: 'M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5',
  pulse: 'M1.5 8h3l2-5 3 10 2-5h3',
  clock: 'M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0zM8 4.5V8l2.5 1.5',
}

export type IconName = keyof typeof paths

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
    <path d={paths[name]} />
  </svg>
)
