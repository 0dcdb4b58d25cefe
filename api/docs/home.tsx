/** The first page: where to begin, by what a reader wants to do. The navigation lists all pages. */
import { CAUSES, MAIL_PROGRAMS, OPERATING } from '../paths.ts'
import type { Page } from './page.ts'

type Task = [name: string, path: string]

const TASKS: readonly { name: string; tasks: readonly Task[] }[] = [
  {
    name: 'Connect mailboxes',
    tasks: [
      ['Connect my first mailbox', '/docs/guides/first-mailbox'],
      ['Connect a shared mailbox', '/docs/guides/shared-mailboxes'],
      ['Connect a personal account', '/docs/guides/personal-accounts'],
      ['Open mailboxes without a sign-in', '/docs/guides/app-only'],
      ['Ask an administrator for approval', '/docs/guides/approval'],
      ['Move from another product', '/docs/guides/moving'],
    ],
  },
  {
    name: 'Read and send mail',
    tasks: [
      ['Write a mail worker', '/docs/guides/mail-worker'],
      ['Let users connect mailboxes in my product', '/docs/guides/third-party-page'],
      ['Set up msmtp, Postfix or another mail program', MAIL_PROGRAMS],
      ['Use FreeScout, osTicket, Zammad or n8n', '/docs/guides/other-products'],
      ['Send without SMTP AUTH', '/docs/guides/smtp-or-graph'],
      ['Call the API', '/docs/api'],
    ],
  },
  {
    name: 'Find out what is wrong',
    tasks: [
      ['Look up an error of Microsoft', CAUSES],
      ['Look up a problem code of the API', '/docs/problems'],
      ['Reconnect or remove a mailbox', '/docs/guides/reconnect-or-remove'],
      ['Get notified when a mailbox stops working', '/docs/guides/alerts'],
    ],
  },
  {
    name: 'Run Mailgrant',
    tasks: [
      ['Choose Cloudflare or my own server', '/docs/guides/cloudflare-or-server'],
      ['Install it on my own server', `${OPERATING}/install`],
      ['Put it behind a proxy', '/docs/guides/behind-a-proxy'],
      ['Back it up and restore it', `${OPERATING}/backup`],
      ['See which data it stores', `${OPERATING}/data-protection`],
      ['See what it does not do', '/docs/guides/limits'],
    ],
  },
]

export const homePage: Page = {
  path: '/docs',
  title: 'What do you want to do?',
  longTitle: 'Documentation',
  description:
    'Guides, API reference, settings of mail programs, and every known error of Microsoft mailboxes with its fix.',
  body: (
    <>
      <p class="lead">
        Mailgrant connects Microsoft mailboxes by OAuth, issues access tokens for them, and says why
        a mailbox doesn't work. Search for an error, a call or a program, or start here.
      </p>
      <div class="tasks">
        {TASKS.map(({ name, tasks }) => (
          <section>
            <h2>{name}</h2>
            <ul class="plain">
              {tasks.map(([task, path]) => (
                <li>
                  <a href={path}>{task}</a>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </>
  ),
  entries: [],
}
