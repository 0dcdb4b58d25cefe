/** The frame of every page: header with the search, navigation, content. Works without JavaScript, except for the search. */
import { EXAMPLE_URL } from '../paths.ts'
import type { Page, Section } from './page.ts'
import { LANGUAGES, type Language } from './samples.ts'

export const Frame = ({ page, sections }: { page: Page; sections: readonly Section[] }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>{`${page.longTitle ?? page.title} - Mailgrant`}</title>
      {page.description !== undefined && <meta name="description" content={page.description} />}
      <link rel="canonical" href={EXAMPLE_URL + page.path} />
      <link rel="icon" href="/icon.svg" />
      <link rel="stylesheet" href="/docs/docs.css" />
      <script type="module" src="/docs/docs.js" />
    </head>
    <body>
      <a class="skip" href="#content">
        Skip to content
      </a>
      <header class="top">
        <a class="brand" href="/docs">
          Mailgrant <span>Docs</span>
        </a>
        <Search />
        <button type="button" class="menu" popovertarget="navigation">
          Menu
        </button>
        <a class="console" href="/console/">
          Console
        </a>
      </header>
      <div class="columns">
        <Navigation page={page} sections={sections} />
        <main id="content" class={page.wide ? 'wide' : undefined}>
          {page.languages && page.languages.length > 0 && (
            <SampleChoices languages={page.languages} />
          )}
          <h1>{page.title}</h1>
          {page.body}
        </main>
      </div>
    </body>
  </html>
)

/** Hidden until the script has made it work. */
const Search = () => (
  <search hidden>
    <input
      id="search"
      class="query"
      type="text"
      role="combobox"
      aria-label="Search the documentation"
      aria-expanded="false"
      aria-controls="results"
      aria-autocomplete="list"
      autocomplete="off"
      spellcheck={false}
      placeholder="Search: an error, a call, a program"
    />
    <div id="results" class="results" role="listbox" aria-label="Results" hidden />
    <p id="found" class="unseen" role="status" />
  </search>
)

/** The navigation. On narrow screens it is a popover, which the browser opens and closes without a script. */
const Navigation = ({ page, sections }: { page: Page; sections: readonly Section[] }) => (
  <nav id="navigation" class="navigation" popover="auto" aria-label="Documentation">
    <a href="/docs" aria-current={page.path === '/docs' ? 'page' : undefined}>
      Overview
    </a>
    {sections.map(({ name, pages }) => (
      <details open={pages.includes(page)}>
        <summary>{name}</summary>
        <ul>
          {pages
            .filter(({ group }) => group === undefined || group === page.group)
            .map((each) => (
              <li class={each.group && 'inner'}>
                <a href={each.path} aria-current={each === page ? 'page' : undefined}>
                  {each.name ?? each.title}
                </a>
                {each === page && each.anchors && (
                  <ul>
                    {each.anchors.map(({ id, name }) => (
                      <li>
                        <a href={`#${id}`}>{name}</a>
                      </li>
                    ))}
                  </ul>
                )}
              </li>
            ))}
        </ul>
      </details>
    ))}
    <ul class="more">
      <li>
        <a href="/openapi.json">openapi.json</a>
      </li>
      <li>
        <a href="/console/">Console</a>
      </li>
    </ul>
  </nav>
)

/** The language of all samples of the page. */
const SampleChoices = ({ languages }: { languages: readonly Language[] }) => (
  <div class="choices">
    <fieldset>
      <legend class="unseen">Language of the code</legend>
      {LANGUAGES.filter(({ id }) => languages.includes(id)).map(({ id, name }, index) => (
        <label>
          <input
            type="radio"
            name="language"
            id={`language-${id}`}
            value={id}
            checked={index === 0}
          />
          <span>{name}</span>
        </label>
      ))}
    </fieldset>
  </div>
)
