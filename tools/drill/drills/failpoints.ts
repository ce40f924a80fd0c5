import type { ServiceName } from '@signalpress/contracts';
import type { Drill, Form } from '../drill.ts';
import { quickLeases } from '../leases.ts';
import { eventServices } from '../subscriptions.ts';

/** As messaging has them (libs/messaging/src/failpoints); a name that it does not know stops the services. */
const steps: readonly string[] = [
  'relay.before-append',
  'relay.after-append',
  'relay.after-commit',
  'consumer.before-effect',
  'consumer.after-effect',
  'consumer.after-commit',
  'worker.before-run',
  'worker.after-run',
  'worker.before-complete',
  'worker.after-complete',
];

/**
 * How likely a process dies each time it passes its failpoint. A job whose worker died five times counts as what kills them, so
 * it must be small where there are many jobs.
 */
const probability = { short: 0.15, long: 0.08 };
const perCrashMs = 30_000;

/** `kill -9` inside the steps of relay, consumer and worker, each service started again at once. */
export function failpointsDrill({ short }: Form): Drill {
  const wanted = short ? 30 : 1_000;
  const hits = new Map(steps.map((step) => [step, 0]));
  /** The step that the present process of each service is to die at. */
  const aims = new Map<ServiceName, string>();
  const services = new Set<string>();
  let armed = true;
  const crashes = (): number => [...hits.values()].reduce((sum, count) => sum + count, 0);
  /** The step that was hit least, those counted that others are about to hit. */
  const aim = (service: ServiceName): string => {
    aims.delete(service);
    const weight = (step: string): number =>
      (hits.get(step) ?? 0) + [...aims.values()].filter((other) => other === step).length;
    const rarest = steps.reduce((least, step) => (weight(step) < weight(least) ? step : least));
    aims.set(service, rarest);
    return rarest;
  };
  const perProcess = (service: ServiceName): Record<string, string> =>
    armed && eventServices.some((name) => name === service)
      ? { FAILPOINTS: `${aim(service)}=${short ? probability.short : probability.long}` }
      : {};
  return {
    settings: {
      environment: { ...quickLeases, SAMPLE_SECONDS: '5', OBSERVE_SECONDS: '3' },
      perProcess,
      loadEveryMs: 1_500,
    },
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
      `${crashes()} crashes of ${services.size} services (${steps.map((name) => `${name} ${hits.get(name) ?? 0}`).join(', ')})`,
    ],
    verdict: () => steps.filter((step) => hits.get(step) === 0).map((step) => `failpoint ${step} was never hit`),
  };
}
