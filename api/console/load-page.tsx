/** Loads the page of an address, or else a page that says why it cannot be shown. */
import type { ComponentChildren } from 'preact'
import { problemOf } from './api.ts'
import { Button } from './components/button.tsx'
import { ProblemNotice } from './components/notice.tsx'
import { PageHead } from './components/page-head.tsx'
import { type Arrival, go, type Match, MissingCode, type Page } from './router.ts'

/** Returns the page, or an error page. Throws for an aborted request or an error in the code of the page. */
export async function loadPage(match: Match | null, arrival: Arrival): Promise<Page> {
  if (match === null) {
    return errorPage('Page not found', {
      title: 'There is no page at this address',
      detail: 'Choose a page from the navigation.',
    })
  }
  try {
    return await match.route.page({ ...arrival, params: match.params, query: match.query })
  } catch (error) {
    if (error instanceof MissingCode) {
      const problem = {
        title: 'The code of this page is missing',
        detail: 'Mailgrant was probably updated while the console was open. Reload the console.',
      }
      return errorPage(NOT_LOADED, problem, <Reload />)
    }
    const problem = problemOf(error)
    if (problem.code === 'not_found') {
      return errorPage('This no longer exists', {
        title: 'It was deleted, or the address is incomplete',
        detail: 'Choose a page from the navigation.',
      })
    }
    // Trying again does not add a missing scope.
    return problem.code === 'insufficient_scope'
      ? errorPage('Your API key cannot open this page', problem, <OtherKey />)
      : errorPage(NOT_LOADED, problem, <TryAgain />)
  }
}

const NOT_LOADED = 'This page could not be loaded'

/** Reloads the console, since a browser does not fetch the same missing script twice. */
const Reload = () => <Button onClick={() => location.reload()}>Reload</Button>

const TryAgain = () => <Button onClick={() => go(location.hash)}>Try again</Button>

const OtherKey = () => <p class="quiet">Sign out, then sign in with a key that has access.</p>

const errorPage = (
  title: string,
  problem: { title: string; detail: string },
  action: ComponentChildren = null,
): Page => ({
  title,
  content: (
    <>
      <PageHead title={title} />
      <ProblemNotice problem={problem} />
      {action}
    </>
  ),
})
