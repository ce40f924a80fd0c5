import { context, createContextKey, trace } from '@opentelemetry/api';
import type { Context } from '@opentelemetry/api';

interface Startup {
  over: boolean;
}

const STARTUP = createContextKey('@signalpress/observability:startup');

/** A context that belongs to a start-up, until `over` is called. */
export function startupContext(base: Context): { active: Context; over: () => void } {
  const startup: Startup = { over: false };
  return {
    active: base.setValue(STARTUP, startup),
    over: () => {
      startup.over = true;
    },
  };
}

/** The active context, without the span of a start-up that has ended: what inherited it is no part of that trace. */
export function liveContext(): Context {
  const active = context.active();
  const startup = active.getValue(STARTUP) as Startup | undefined;
  return startup?.over === true ? trace.deleteSpan(active) : active;
}

/** In which context a start failed, by what was thrown. */
const failures = new WeakMap<object, Context>();

/** Remembers the context of a failed start: who reports it is told of it outside, as a rejection that nobody awaits. */
export function rememberFailure(thrown: unknown, failedIn: Context): void {
  if (typeof thrown === 'object' && thrown !== null) failures.set(thrown, failedIn);
}

/** The context that an error is to be reported in: that of the start that it ended, or the active one. */
export function contextOfFailure(thrown: unknown): Context {
  const failedIn = typeof thrown === 'object' && thrown !== null ? failures.get(thrown) : undefined;
  return failedIn ?? context.active();
}
