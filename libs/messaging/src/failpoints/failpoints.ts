import { writeSync } from 'node:fs';

/** The steps at which a crash could lose or double something, if anything could. */
export const failpointNames = [
  'relay.before-append',
  // The transport has the events; the transaction that removes them from the outbox is still open.
  'relay.after-append',
  'relay.after-commit',
  'consumer.before-effect',
  // Inbox row and effect are written; their transaction is still open.
  'consumer.after-effect',
  // Where the broker keeps the offset, it does not have it yet.
  'consumer.after-commit',
  'worker.before-run',
  // What the job does to the outside is done; nothing is written yet.
  'worker.after-run',
  // The effect is written; its transaction, which also ends the job, is still open.
  'worker.before-complete',
  'worker.after-complete',
] as const;
export type FailpointName = (typeof failpointNames)[number];

/** How likely the process dies each time it passes a failpoint, 0 to 1. */
export type ArmedFailpoints = Readonly<Partial<Record<FailpointName, number>>>;

const STDERR = 2;

/**
 * Places at which the process kills itself with SIGKILL, with the probability that was asked for: for drills that prove what
 * a crash does. Nothing is armed unless the options of messaging say so.
 */
export class Failpoints {
  private readonly armed: ArmedFailpoints | undefined;
  private readonly die: (name: FailpointName) => void;

  constructor(armed: ArmedFailpoints | undefined, die: (name: FailpointName) => void = crash) {
    this.armed = armed;
    this.die = die;
  }

  hit(name: FailpointName): void {
    if (this.armed === undefined) return;
    const probability = this.armed[name];
    if (probability !== undefined && Math.random() < probability) this.die(name);
  }
}

/** Past the logger, whose lines would still be on their way; SIGKILL leaves no time for anything. */
function crash(name: FailpointName): void {
  writeSync(STDERR, `failpoint ${name}: this process kills itself\n`);
  process.kill(process.pid, 'SIGKILL');
}
