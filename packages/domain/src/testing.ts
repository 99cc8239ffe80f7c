/** For the tests of those who implement what this package declares. */
export * as ProviderConformance from "./provider/ProviderConformance.js"
