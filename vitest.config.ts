import { defineConfig } from 'vitest/config'

// Labs are timed systems: they run one after the other, when all other tests are done and the machine is quiet.
const labs = ['leaves-nothing', 'networks', 'real', 'regressions'].map((name) => `test/lab/${name}.test.ts`)

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: 'tests', include: ['test/**/*.test.ts'], exclude: labs, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: { name: 'labs', include: labs, fileParallelism: false, sequence: { groupOrder: 1 } },
      },
    ],
  },
})
