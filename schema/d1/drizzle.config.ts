/** Configuration of drizzle-kit, which `npm run migration` runs. */
export default {
  dialect: 'sqlite',
  schema: [
    './schema/d1/tables.ts',
    './schema/d1/app-tokens.ts',
    './schema/d1/daily-counts.ts',
    './schema/d1/token-uses.ts',
    './schema/d1/operating-tables.ts',
  ],
  out: './schema/d1/migrations',
}
