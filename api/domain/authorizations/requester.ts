import type { Key } from '../api-keys/key.ts'

/** Returns the name of the API key or person that requested the sign-in; null for the administrator of the service. */
export const requesterName = ({ id, name }: Pick<Key, 'id' | 'name'>): string | null =>
  id === 'root' ? null : name
