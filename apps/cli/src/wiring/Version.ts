/** The version, put in when the command line is bundled. */
declare const GENESYS_REPLAY_VERSION: string

/** As in package.json. */
export const version: string = typeof GENESYS_REPLAY_VERSION === "string" ? GENESYS_REPLAY_VERSION : "0.0.0-source"
