/** For tests: events and a conversation in the shape of real ones, planned windows, and the rules that every provider keeps. */
export * as ProviderConformance from "./provider/ProviderConformance.js"
export * as SampleConversation from "./testing/SampleConversation.js"
export * as SampleEvent from "./testing/SampleEvent.js"
export * as SampleWindow from "./testing/SampleWindow.js"
