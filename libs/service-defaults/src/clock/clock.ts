import { Injectable } from '@nestjs/common';
import { NotTraced } from '@signalpress/observability';

/** Time of the domain: what "today", "fresh" and "published" mean. Leases and schedules use the database's own time. */
@Injectable()
@NotTraced()
export class Clock {
  /** Milliseconds that this clock is ahead of the real one. */
  private readonly offsetMs: number;

  /** @param startsAt instant that this clock shows when the process starts; the real time when absent. */
  constructor(startsAt?: Date) {
    // Counted from the start of the process, so that all clocks of a process agree.
    this.offsetMs = startsAt === undefined ? 0 : startsAt.getTime() - Math.round(performance.timeOrigin);
  }

  now(): Date {
    return new Date(Date.now() + this.offsetMs);
  }
}

/** The clock that `CLOCK_AS_OF` asks for, for code that runs before injection does. */
export function clockFrom(env: { readonly CLOCK_AS_OF?: string | undefined }): Clock {
  return new Clock(env.CLOCK_AS_OF === undefined ? undefined : new Date(env.CLOCK_AS_OF));
}
