/** Configuration of drizzle-kit, which `npm run migration` runs. */
export default {
  dialect: 'sqlite',
  schema: ['./schema/d1/tables.ts', './schema/d1/operating-tables.ts'],
  out: './schema/d1/migrations',
}
