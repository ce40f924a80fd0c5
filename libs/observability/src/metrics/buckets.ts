const set = (...bounds: readonly number[]): readonly number[] => Object.freeze(bounds);

/**
 * Upper bounds of histograms by what they measure. The first bound is what is excellent there, the last what is plainly wrong,
 * and the steps are close where a goal is likely to be set. Durations in seconds, sizes in bytes.
 */
export const buckets = Object.freeze({
  /** An HTTP request, as server or client: from one millisecond to the usual timeout of a proxy. */
  httpRequest: set(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
  /** One database query: most are below a millisecond or two. */
  databaseQuery: set(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 15),
  /** One handling of a message, its transaction included. */
  messageHandler: set(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15),
  /** From producer to consumer; a backlog shows as minutes. */
  messageDelivery: set(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3_600),
  /** One run of a job or of a scheduled task. */
  job: set(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300),
  /** Rendering of a picture: work of the CPU between a blink and some seconds. */
  render: set(0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 2, 5),
  /** A call of somebody else's API, retries left out. */
  externalCall: set(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
  /** From the capture of a signal to a listing: seconds to a day, close around two hours. */
  publishLatency: set(...[1, 2, 5, 10, 30, 60, 300, 900, 1_800, 3_600, 5_400, 7_200, 10_800, 14_400, 28_800, 86_400]),
  /** A health check: its timeout is usually a second. */
  healthCheck: set(0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
  /** Files and documents, from 10 kB to 3 MB. */
  fileBytes: set(10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000),
  /** A share or a score between 0 and 1. */
  ratio: set(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1),
  /** How many things are in a group. */
  count: set(1, 2, 3, 5, 10, 20, 50, 100, 500),
});
