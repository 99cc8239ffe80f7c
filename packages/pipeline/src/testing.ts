/** For tests of programs that compose the pipeline: a provider without a network, and time that passes at once. */
export * as InMemoryProvider from "./testing/InMemoryProvider.js"
export * as VirtualTime from "./testing/VirtualTime.js"
