import type { ServiceName } from '@signalpress/contracts';
import { workspaceRoot } from '../launcher/workspace.ts';
import type { Engine } from './engine.ts';
import { containerPort, imageOf } from './services.ts';

/** Builds the image of a service from this checkout. */
export async function buildImage(
  engine: Engine,
  service: ServiceName,
  { tag, revision }: { tag: string; revision: string },
): Promise<void> {
  const args = { SERVICE: service, PORT: containerPort(service), REVISION: revision };
  await engine.docker([
    'build',
    // The registries are reached as this machine reaches them.
    ...['--network', 'host'],
    ...['--file', `${workspaceRoot}/docker/service.Dockerfile`],
    ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...['--tag', imageOf(service, tag)],
    workspaceRoot,
  ]);
}
