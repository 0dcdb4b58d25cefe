/** One page of a list; `nextCursor` is null on the last page. */
export type Page<Item> = { data: Item[]; nextCursor: string | null }
