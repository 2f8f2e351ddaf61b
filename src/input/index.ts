// The room's front door: what run/, report/ and cli/ may use. Importing it loads zod and yaml (about 0.2 s together), so
// commands that read no scenario import codes.ts alone.

export { INPUT_CODES } from './codes.ts'
export { type LoadOptions, type LoadResult, loadScenario, loadScenarioText } from './load.ts'
export { findSchemaDoc, type SchemaDoc, schemaDocs } from './schema/docs.ts'
export { scenarioJsonSchema } from './schema/scenario.ts'
