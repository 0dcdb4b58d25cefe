/** Mutation testing of the files on which security depends. Run it with `npm run test:mutation`. */
export default {
  testRunner: 'vitest',
  vitest: { configFile: 'test/fast.config.ts' },
  plugins: ['@stryker-mutator/vitest-runner'],
  mutate: [
    'api/domain/operations/key-ring.ts',
    'api/domain/tokens/**/*.ts',
    'api/domain/write-with-retry.ts',
    'api/entra/{id-token,signing-keys}.ts',
    'api/routes/{guard,identify}.ts',
    'api/store/{key-ring,leases,seal}.ts',
    'checker/{dial,envelope,secure,starttls}.ts',
    'schema/mail-servers.ts',
  ],
  mutator: {
    // Logic only: a changed text, pattern or literal says little about the tests.
    excludedMutations: ['ArrayDeclaration', 'ObjectLiteral', 'Regex', 'StringLiteral'],
  },
  // This file does not exist. Stryker would rewrite a real one with the API of TypeScript 5, which 7 does not have.
  tsconfigFile: 'none',
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 20_000,
  tempDirName: 'test/.tmp/stryker',
  ignorePatterns: ['.assets', '.wrangler', 'dist'],
  reporters: ['clear-text', 'html'],
  htmlReporter: { fileName: 'test/.tmp/mutation.html' },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  thresholds: { high: 98, low: 95, break: 90 },
}
