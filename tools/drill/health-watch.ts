const everyMs = 500;
const timeoutMs = 4_000;

interface Seen {
  unready: boolean;
  dead: boolean;
}

/** Asks services again and again whether they are ready and whether they are alive. */
export class HealthWatch {
  private readonly seen = new Map<string, Seen>();
  private readonly timer: NodeJS.Timeout;

  constructor(services: ReadonlyArray<{ readonly service: string; readonly url: string }>) {
    for (const { service } of services) this.seen.set(service, { unready: false, dead: false });
    this.timer = setInterval(() => {
      for (const { service, url } of services) void this.look(service, url);
    }, everyMs);
  }

  /** Who said at least once that it was not ready, who did not answer that it lives, and who was always ready. */
  close(): { readonly unready: string[]; readonly dead: string[]; readonly never: string[] } {
    clearInterval(this.timer);
    const of = (wanted: (seen: Seen) => boolean): string[] =>
      [...this.seen].filter(([, seen]) => wanted(seen)).map(([service]) => service);
    return { unready: of((s) => s.unready), dead: of((s) => s.dead), never: of((s) => !s.unready) };
  }

  private async look(service: string, url: string): Promise<void> {
    const seen = this.seen.get(service);
    if (seen === undefined) return;
    const [ready, live] = await Promise.all([status(`${url}/health/ready`), status(`${url}/health/live`)]);
    if (ready === 503) seen.unready = true;
    if (live !== 200 && live !== undefined) seen.dead = true;
  }
}

/** Undefined for no answer in time: on a machine that is this busy that says nothing. */
async function status(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    await response.body?.cancel();
    return response.status;
  } catch {
    return undefined;
  }
}
