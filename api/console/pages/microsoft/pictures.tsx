/**
 * Drawings of pages in the Entra admin center, reduced to the values to find or enter. Each is one image for
 * screen readers. Its numbers refer to the fields beside it.
 */
import type { ComponentChildren } from 'preact'
import { NewTab } from '../../components/new-tab.tsx'
import type { Step } from '../../ui/guide.ts'

/** A drawing beside the fields that belong to it. */
export const Pictured = (props: { picture: ComponentChildren; children: ComponentChildren }) => (
  <div class="pictured">
    <div class="fields">{props.children}</div>
    {props.picture}
  </div>
)

/** Number of a place in a drawing, and of what belongs there. */
const Mark = ({ number }: { number: number }) => (
  <b class="mark" aria-hidden="true">
    {number}
  </b>
)

/** A field or value with its number in the drawing. */
export const Marked = (props: { number: number | undefined; children: ComponentChildren }) => (
  <div class="marked">
    {props.number ? <Mark number={props.number} /> : <span />}
    {props.children}
  </div>
)

function Picture(props: {
  title: string
  alternative: string
  /** Instruction for this page. */
  step?: Step | undefined
  children: ComponentChildren
}) {
  const { title, alternative, step, children } = props
  return (
    <figure class="picture">
      <div role="img" aria-label={alternative} class="entra">
        <div class="entra-bar">{title}</div>
        <div class="entra-page">{children}</div>
      </div>
      <figcaption>
        Drawing of the page in Entra.
        {step && (
          <>
            {' '}
            {step.text} <NewTab href={step.url ?? ''} text="Open this page at Microsoft" />
          </>
        )}
      </figcaption>
    </figure>
  )
}

const Box = ({ children }: { children: ComponentChildren }) => (
  <span class="entra-box">{children}</span>
)

const Line = ({ wide = false }: { wide?: boolean }) => (
  <i class={wide ? 'entra-line wide' : 'entra-line'} />
)

export const RegisterPicture = (props: { name: string; accountTypes: string; uri: string }) => (
  <Picture
    title="Register an application"
    alternative={`The form "Register an application" in Entra: 1. Name ${props.name}. 2. Supported account types, ${props.accountTypes}. 3. Redirect URI, platform Web, ${props.uri}. Below them is the button Register.`}
  >
    <div class="label">
      Name <Mark number={1} />
    </div>
    <Box>{props.name}</Box>
    <div class="label">
      Supported account types <Mark number={2} />
    </div>
    <div class="entra-dot">
      <Line wide />
    </div>
    <div class="entra-dot on">{props.accountTypes}</div>
    <div class="entra-dot">
      <Line />
    </div>
    <div class="label">
      Redirect URI (optional) <Mark number={3} />
    </div>
    <div class="entra-uri">
      <Box>Web &#9662;</Box>
      <Box>{props.uri}</Box>
    </div>
    <span class="entra-button">Register</span>
  </Picture>
)

const menu = ['Overview', 'Authentication', 'Certificates & secrets', 'API permissions']

const Blade = ({ at, children }: { at: string; children: ComponentChildren }) => (
  <div class="entra-app">
    <div class="entra-menu">
      {menu.map((entry) => (
        <div key={entry} class={entry === at ? 'at' : undefined}>
          {entry}
        </div>
      ))}
    </div>
    <div>{children}</div>
  </div>
)

export const OverviewPicture = () => (
  <Picture
    title="Mailgrant"
    alternative="The page Overview of the app in Entra. Under Essentials it lists 1. the Application (client) ID and 2. the Directory (tenant) ID. Between them is the Object ID, which is not needed."
  >
    <Blade at="Overview">
      <div class="label">Essentials</div>
      <dl>
        <dt>Display name</dt>
        <dd>Mailgrant</dd>
        <dt>
          Application (client) ID <Mark number={1} />
        </dt>
        <dd class="found">6f1b1e1a-3a0b-4f0e-...</dd>
        <dt>Object ID</dt>
        <dd>
          <Line wide />
        </dd>
        <dt>
          Directory (tenant) ID <Mark number={2} />
        </dt>
        <dd class="found">0b7c21d4-9e55-4c1a-...</dd>
      </dl>
    </Blade>
  </Picture>
)

/** `first`: number of the expiry date; that of the value is the next one. */
export const SecretsPicture = ({ first, step }: { first: number; step?: Step | undefined }) => (
  <Picture
    step={step}
    title="Mailgrant | Certificates & secrets"
    alternative={`The page Certificates & secrets of the app in Entra, with the button New client secret and a table of four columns: Description, ${first}. Expires, ${first + 1}. Value, which is the secret, and Secret ID, which is not.`}
  >
    <div>
      <span class="entra-tool">+ New client secret</span>
    </div>
    <dl class="entra-secret">
      <div>
        <dt>Description</dt>
        <dd>Mailgrant</dd>
      </div>
      <div>
        <dt>
          Expires <Mark number={first} />
        </dt>
        <dd class="found">11/24/2028</dd>
      </div>
      <div>
        <dt>
          Value <Mark number={first + 1} />
        </dt>
        <dd class="found">abc8Q~shown-only-once</dd>
      </div>
      <div>
        <dt>Secret ID</dt>
        <dd class="not">5ec4e71d-0000-...</dd>
      </div>
    </dl>
  </Picture>
)
