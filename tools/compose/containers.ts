import { setTimeout as sleep } from 'node:timers/promises';
import { serviceNames, services } from '@signalpress/contracts';
import type { ServiceName } from '@signalpress/contracts';
import type { Engine } from '../images/engine.ts';
import { imageOf } from '../images/services.ts';
import { LaunchError } from '../launcher/failure.ts';
import type { ComposeFile, ComposeService } from './compose-file.ts';

const healthyMs = 240_000;

export interface Placement {
  readonly compose: ComposeFile;
  readonly tag: string;
  /** Added to each service's own port on one machine: containers here share the machine's addresses. */
  readonly portOffset: number;
  readonly databasePort: number;
  readonly kafka: string;
  /** The folder in place of the volume `files`. */
  readonly files: string;
}

/**
 * The eight services as docker-compose.yml describes them, on the network of the host: what it says about bounds, rights, folders,
 * variables and order holds; only names of containers become addresses.
 */
export class Containers {
  private readonly engine: Engine;
  private readonly placement: Placement;
  private readonly ids = new Map<ServiceName, string>();

  constructor(engine: Engine, placement: Placement) {
    this.engine = engine;
    this.placement = placement;
  }

  url(service: ServiceName): string {
    return `http://127.0.0.1:${this.port(service)}`;
  }

  port(service: ServiceName): number {
    return services[service].localPort + this.placement.portOffset;
  }

  /** In the order of `depends_on`, each when those before it are healthy. */
  async start(): Promise<void> {
    const ready = new Set<string>(Object.keys(this.placement.compose.services).filter((name) => !isOurs(name)));
    let waiting = [...serviceNames];
    while (waiting.length > 0) {
      const next = waiting.filter((name) =>
        Object.keys(this.described(name).depends_on ?? {}).every((n) => ready.has(n)),
      );
      await Promise.all(next.map((name) => this.run(name)));
      await Promise.all(next.map((name) => this.healthy(name)));
      for (const name of next) ready.add(name);
      waiting = waiting.filter((name) => !ready.has(name));
    }
  }

  /** The process of a service, as the machine sees it. */
  async pid(service: ServiceName): Promise<number> {
    return Number(await this.engine.docker(['inspect', '--format', '{{.State.Pid}}', this.id(service)]));
  }

  async logs(service: ServiceName): Promise<string> {
    return this.engine.logs(this.id(service));
  }

  /** @throws LaunchError when one does not end in order */
  async stop(): Promise<void> {
    const codes = await Promise.all(
      [...this.ids].map(async ([name, id]) => {
        await this.engine.docker(['stop', '--time', '30', id]);
        return [name, await this.engine.docker(['inspect', '--format', '{{.State.ExitCode}}', id])] as const;
      }),
    );
    await this.remove();
    const wrong = codes.filter(([, code]) => code !== '0');
    if (wrong.length > 0) throw new LaunchError(`did not stop in order: ${JSON.stringify(wrong)}`);
  }

  async remove(): Promise<void> {
    for (const [name, id] of this.ids) {
      await this.engine.docker(['rm', '--force', id]);
      this.ids.delete(name);
    }
  }

  private async run(name: ServiceName): Promise<void> {
    const service = this.described(name);
    const variables = Object.entries(this.environment(name, service)).flatMap(([key, value]) => [
      '-e',
      `${key}=${value}`,
    ]);
    const id = await this.engine.docker([
      ...['run', '--detach', '--network', 'host'],
      ...(service.read_only === true ? ['--read-only'] : []),
      ...(service.cap_drop ?? []).flatMap((cap) => ['--cap-drop', cap]),
      ...(service.security_opt ?? []).flatMap((option) => ['--security-opt', option]),
      ...(service.tmpfs ?? []).flatMap((folder) => ['--tmpfs', folder]),
      ...[
        '--pids-limit',
        String(service.pids_limit),
        '--memory',
        String(service.mem_limit),
        '--cpus',
        String(service.cpus),
      ],
      ...(service.volumes ?? []).flatMap((volume) => ['-v', volume.replace(/^files:/, `${this.placement.files}:`)]),
      ...variables,
      imageOf(name, this.placement.tag),
    ]);
    this.ids.set(name, id);
  }

  private environment(name: ServiceName, service: ComposeService): Record<string, string> {
    const { databasePort, kafka } = this.placement;
    const here = (value: string): string =>
      serviceNames
        .reduce(
          (text, other) => text.replace(`http://${other}:${services[other].containerPort}`, this.url(other)),
          value,
        )
        .replace('timescaledb:5432', `127.0.0.1:${databasePort}`)
        .replace('kafka:9092', kafka);
    const said = Object.entries(service.environment ?? {}).map(([key, value]) => [key, here(String(value))] as const);
    return { ...Object.fromEntries(said), HOST: '127.0.0.1', PORT: String(this.port(name)) };
  }

  private async healthy(name: ServiceName): Promise<void> {
    const deadline = Date.now() + healthyMs;
    for (;;) {
      const state = await this.engine.docker(['inspect', '--format', '{{.State.Health.Status}}', this.id(name)]);
      if (state === 'healthy') return;
      const running = await this.engine.docker(['inspect', '--format', '{{.State.Running}}', this.id(name)]);
      if (running !== 'true') throw new LaunchError(`${name} ended: ${await this.logs(name)}`);
      if (Date.now() > deadline) throw new LaunchError(`${name} is ${state}: ${await this.logs(name)}`);
      await sleep(500);
    }
  }

  private described(name: ServiceName): ComposeService {
    const service = this.placement.compose.services[name];
    if (service === undefined) throw new LaunchError(`docker-compose.yml has no ${name}`);
    return service;
  }

  private id(name: ServiceName): string {
    const id = this.ids.get(name);
    if (id === undefined) throw new LaunchError(`${name} does not run`);
    return id;
  }
}

const isOurs = (name: string): boolean => (serviceNames as readonly string[]).includes(name);
