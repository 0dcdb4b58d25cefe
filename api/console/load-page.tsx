/** Loads the page of a route, or else a page that explains why it cannot be shown. */
import type { ComponentChildren } from 'preact'
import { missingCode, problemOf } from './api.ts'
import { Button } from './components/button.tsx'
import { PageHead } from './components/layout.tsx'
import { ProblemNotice } from './components/notice.tsx'
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
      // A browser does not fetch the same missing script twice.
      const reload = <Button onClick={() => location.reload()}>Reload</Button>
      return errorPage(NOT_LOADED, missingCode, reload)
    }
    const problem = problemOf(error)
    if (problem.code === 'not_found') {
      return errorPage('This no longer exists', {
        title: 'It was deleted, or the address is incomplete',
        detail: 'Choose a page from the navigation.',
      })
    }
    // Trying again cannot add a missing scope.
    if (problem.code === 'insufficient_scope') {
      const otherKey = <p class="quiet">Sign out, then sign in with a key that has access.</p>
      return errorPage('Your API key cannot open this page', problem, otherKey)
    }
    const tryAgain = <Button onClick={() => go(location.hash)}>Try again</Button>
    return errorPage(NOT_LOADED, problem, tryAgain)
  }
}

const NOT_LOADED = 'This page could not be loaded'

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
