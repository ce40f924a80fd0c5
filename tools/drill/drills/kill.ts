import { serviceNames } from '@signalpress/contracts';
import type { Drill, Form } from '../drill.ts';
import { quickLeases } from '../leases.ts';

/**
 * Mean time between two kills. A hundred closer together would kill a long render more often than a job may be tried; ten cannot.
 */
const pace = { short: 1_500, long: 3_000 };

/** `kill -9` of random services under load, each started again at once. */
export function killDrill({ short }: Form): Drill {
  const kills = short ? 10 : 100;
  const everyMs = short ? pace.short : pace.long;
  const hit = new Map<string, number>();
  let done = 0;
  return {
    settings: { environment: short ? quickLeases : {} },
    async run(stage) {
      // Something is to be under way when the first blow falls.
      await stage.pause(everyMs);
      while (done < kills) {
        const service = stage.random.pick(serviceNames);
        if (stage.fleet.kill(service)) {
          done += 1;
          hit.set(service, (hit.get(service) ?? 0) + 1);
        }
        await stage.pause(everyMs * (0.5 + stage.random.next()));
      }
    },
    progress: () => `${done} of ${kills} kills`,
    figures: () => [`${done} kills`, `${hit.size} services hit`],
    verdict: () => (done === kills ? [] : [`${done} kills, not ${kills}`]),
  };
}
