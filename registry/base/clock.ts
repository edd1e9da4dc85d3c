/** Now, as a value to pass in: only doors read the real clock. */

/** @returns the time in UTC as ISO 8601 with milliseconds */
export type Clock = () => string;
