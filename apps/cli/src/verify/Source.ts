/** What `verify` reads from. */

/** How a lone `-` reaches the commands: the argument parser takes a word that begins with a dash for the end of the options. */
export const standardInput = "/dev/stdin"
