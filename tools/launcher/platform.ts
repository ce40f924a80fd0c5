import { serviceNames } from '@signalpress/contracts';
import type { ServiceName } from '@signalpress/contracts';
import type { RunSettings } from './environment.ts';
import { ServiceProcess } from './service-process.ts';

/** The eight services of one run. */
export class Platform {
  private readonly processes: readonly ServiceProcess[];

  private constructor(processes: readonly ServiceProcess[]) {
    this.processes = processes;
  }

  static start(run: RunSettings, onLogLine?: (service: ServiceName, line: string) => void): Platform {
    return new Platform(
      serviceNames.map((name) => ServiceProcess.start(name, run, onLogLine === undefined ? {} : { onLogLine })),
    );
  }

  get services(): readonly ServiceProcess[] {
    return this.processes;
  }

  async ready(signal: AbortSignal, onReady: (service: ServiceName) => void): Promise<void> {
    await Promise.all(
      this.processes.map(async (process) => {
        await process.ready(signal);
        onReady(process.name);
      }),
    );
  }

  /** Resolves with the first service that ends although nobody stopped it. */
  async firstEnd(): Promise<ServiceProcess> {
    return Promise.race(this.processes.map((process) => process.end.then(() => process)));
  }

  /** The doors first, so that nothing new comes in while the rest drains. */
  async stop(): Promise<void> {
    const doors: ServiceName[] = ['api-gateway', 'signal-ingestion'];
    const isDoor = (process: ServiceProcess): boolean => doors.includes(process.name);
    await Promise.all(this.processes.filter(isDoor).map((process) => process.stop()));
    await Promise.all(this.processes.filter((process) => !isDoor(process)).map((process) => process.stop()));
  }

  kill(): void {
    for (const process of this.processes) process.kill();
  }
}
