const CALM = Symbol('calm');

/** What we know of a connection's queue of requests inside the library. */
export interface RequestQueue {
  readonly pending: readonly unknown[];
  readonly throttledUntil: number;
  scheduleCheckPendingRequests: (this: RequestQueue) => void;
  [CALM]?: true;
}

/**
 * After every answer the library's queue sets a timer to look for requests that wait, and each look sets the next one: a
 * thousand a second for each connection, for ever, with nothing to wait for (kafkajs issues 1704 and 1751). Now it sets one when
 * something waits.
 *
 * @param queue the prototype of all queues
 */
export function calm(queue: RequestQueue): void {
  if (queue[CALM]) return;
  queue[CALM] = true;
  const schedule = queue.scheduleCheckPendingRequests;
  queue.scheduleCheckPendingRequests = function (): void {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
}
