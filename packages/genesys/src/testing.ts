/** For tests of programs that talk to Genesys Cloud: an HTTP client and a platform that answer from a script. */
export * as StubHttpClient from "./testing/StubHttpClient.js"
export * as StubPlatform from "./testing/StubPlatform.js"
