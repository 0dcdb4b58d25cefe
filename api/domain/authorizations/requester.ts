import type { Key } from '../api-keys/key.ts'

/** Returns the requester's name for the person who is to sign in: that of the API key. */
export const requesterName = ({ id, name }: Pick<Key, 'id' | 'name'>): string =>
  id === 'root' ? 'The administrator of this service' : `“${name}”`
