import type { ServiceName } from '@signalpress/contracts';
import type { Drill } from '../drill.ts';
import { quickLeases } from '../leases.ts';
import { eventServices } from '../subscriptions.ts';

/** As messaging has them (libs/messaging/src/failpoints); a name that it does not know stops the services. */
const steps = {
  relay: ['relay.before-append', 'relay.after-append', 'relay.after-commit'],
  consumer: ['consumer.before-effect', 'consumer.after-effect', 'consumer.after-commit'],
  worker: ['worker.before-run', 'worker.after-run', 'worker.before-complete', 'worker.after-complete'],
} as const;
const names: readonly string[] = Object.values(steps).flat();

/**
 * How likely a process dies each time it passes one of its failpoints. A job whose worker died five times counts as what kills
 * them, so it must not be much higher.
 */
const probability = 0.1;
const perCrashMs = 30_000;

/** `kill -9` inside the steps of relay, consumer and worker, each service started again at once. */
export function failpointsDrill(short: boolean): Drill {
  const wanted = short ? 30 : 1_000;
  const hits = new Map(names.map((name) => [name, 0]));
  const services = new Set<string>();
  let armed = true;
  const crashes = (): number => [...hits.values()].reduce((sum, count) => sum + count, 0);
  /** Of each of the three parts the step that was hit least, so that all are hit about as often. */
  const arm = (): string => {
    const rarest = (part: readonly string[]): string =>
      part.reduce((least, name) => ((hits.get(name) ?? 0) < (hits.get(least) ?? 0) ? name : least));
    return Object.values(steps)
      .map((part) => `${rarest(part)}=${probability}`)
      .join(';');
  };
  const perProcess = (service: ServiceName): Record<string, string> =>
    armed && eventServices.some((name) => name === service) ? { FAILPOINTS: arm() } : {};
  return {
    settings: { environment: quickLeases, perProcess, loadEveryMs: 500 },
    async prepare(stage) {
      stage.fleet.onFailpoint = (name, service) => {
        hits.set(name, (hits.get(name) ?? 0) + 1);
        services.add(service);
      };
      return Promise.resolve();
    },
    async run(stage) {
      await stage.until(`${wanted} crashes`, wanted * perCrashMs, () => crashes() >= wanted);
      armed = false;
      // Those that are still armed would go on crashing while everything comes to rest.
      await Promise.all(
        eventServices.map(async (service) => {
          await stage.fleet.stop(service);
          stage.fleet.start(service);
        }),
      );
    },
    figures: () => [
      `${crashes()} crashes of ${services.size} services (${names.map((name) => `${name} ${hits.get(name) ?? 0}`).join(', ')})`,
    ],
    verdict: () => names.filter((name) => (hits.get(name) ?? 0) === 0).map((name) => `failpoint ${name} was never hit`),
  };
}
