import type { ServiceName } from '@signalpress/contracts';
import { failpointNames } from '@signalpress/messaging/operations';
import type { FailpointName } from '@signalpress/messaging/operations';
import type { Drill, Form } from '../drill.ts';
import { quickLeases } from '../leases.ts';
import { eventServices } from '../subscriptions.ts';

/** Steps of one kind in one service, and how likely a process dies each time it passes the one that is armed. */
interface Aim {
  readonly steps: string;
  readonly probability: number;
}

/**
 * What each service has to do often enough to die of it. A job whose worker died five times counts as what kills them, also where
 * the process died of something else: the longer a service's jobs take, the less often it may die.
 */
const aims: Readonly<Partial<Record<ServiceName, readonly Aim[]>>> = {
  'signal-ingestion': [{ steps: 'relay.', probability: 0.4 }],
  'scoring-engine': [
    { steps: 'relay.', probability: 0.1 },
    { steps: 'consumer.', probability: 0.1 },
    { steps: 'worker.', probability: 0.1 },
  ],
  orchestrator: [
    { steps: 'relay.', probability: 0.25 },
    { steps: 'consumer.', probability: 0.25 },
  ],
  'mockup-generation': [
    { steps: 'relay.', probability: 0.1 },
    { steps: 'consumer.', probability: 0.1 },
    { steps: 'worker.', probability: 0.1 },
  ],
  'marketplace-publisher': [
    { steps: 'relay.', probability: 0.15 },
    { steps: 'consumer.', probability: 0.15 },
    { steps: 'worker.', probability: 0.1 },
  ],
  'feedback-loop': [{ steps: 'consumer.', probability: 0.3 }],
  monitoring: [
    { steps: 'consumer.', probability: 0.1 },
    { steps: 'worker.', probability: 0.15 },
  ],
};
const perCrashMs = 30_000;

/** `kill -9` inside the steps of relay, consumer and worker, each service started again at once. */
export function failpointsDrill({ short }: Form): Drill {
  const wanted = short ? 30 : 1_000;
  const hits = new Map<FailpointName, number>(failpointNames.map((step) => [step, 0]));
  /** The step that the present process of each service is to die at. */
  const armed = new Map<ServiceName, FailpointName>();
  const services = new Set<string>();
  let over = false;
  const crashes = (): number => [...hits.values()].reduce((sum, count) => sum + count, 0);
  /** Of those that the service has, the step that was hit least, those counted that others are about to hit. */
  const aim = (service: ServiceName): string | undefined => {
    armed.delete(service);
    const others = [...armed.values()];
    const weight = (step: FailpointName): number =>
      (hits.get(step) ?? 0) + others.filter((other) => other === step).length;
    const candidates = (aims[service] ?? []).flatMap(({ steps, probability }) =>
      failpointNames.filter((name) => name.startsWith(steps)).map((name) => ({ name, probability })),
    );
    const [first, ...rest] = candidates;
    if (first === undefined) return undefined;
    const rarest = rest.reduce((least, one) => (weight(one.name) < weight(least.name) ? one : least), first);
    armed.set(service, rarest.name);
    return `${rarest.name}=${rarest.probability}`;
  };
  const perProcess = (service: ServiceName): Record<string, string> => {
    const failpoint = over ? undefined : aim(service);
    return failpoint === undefined ? {} : { FAILPOINTS: failpoint };
  };
  return {
    settings: {
      environment: { ...quickLeases, SAMPLE_SECONDS: '5', OBSERVE_SECONDS: '3' },
      perProcess,
      loadEveryMs: short ? 1_000 : 1_500,
    },
    async prepare(stage) {
      stage.fleet.onFailpoint = (name, service) => {
        const step = failpointNames.find((known) => known === name);
        if (step === undefined) return;
        hits.set(step, (hits.get(step) ?? 0) + 1);
        services.add(service);
      };
      return Promise.resolve();
    },
    async run(stage) {
      // At the end also each step once, which chance may have left out.
      await stage.until(
        `${wanted} crashes`,
        wanted * perCrashMs,
        () => crashes() >= wanted && [...hits.values()].every((count) => count > 0),
      );
      over = true;
      // Those that are still armed would go on crashing while everything comes to rest.
      await Promise.all(
        eventServices.map(async (service) => {
          await stage.fleet.stop(service);
          stage.fleet.start(service);
        }),
      );
    },
    progress: () => `${crashes()} of ${wanted} crashes`,
    figures: () => [
      `${crashes()} crashes of ${services.size} services (${[...hits].map(([name, count]) => `${name} ${count}`).join(', ')})`,
    ],
    verdict: () => [...hits].filter(([, count]) => count === 0).map(([name]) => `failpoint ${name} was never hit`),
  };
}
