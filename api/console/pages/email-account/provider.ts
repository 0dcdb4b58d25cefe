/** Rule for when an integration is offered for sign-ins. Pure. */
import type { Integration } from '../../../../schema/integration.ts'

export const isOffered = ({ status, configured }: Integration) => status === 'active' && configured
