import { defineConfig } from 'vitest/config'

/** The images, built and run by Podman. */
export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  test: {
    name: 'image',
    include: ['test/image/**/*.test.ts'],
    testTimeout: 240_000,
    hookTimeout: 600_000,
  },
})
