import { chmodSync, cpSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { dockerClient } from '../images/engine.ts';
import type { Engine } from '../images/engine.ts';
import { LaunchError } from '../launcher/failure.ts';
import { workspaceRoot } from '../launcher/workspace.ts';
import { goProgram } from '../toolchain/kept.ts';

/** Of the newest major version, the last that `go install` takes as it is: later ones exclude versions of modules. */
const composeVersion = '5.0.2';

/** `docker compose` itself, as a plugin that the client finds in a folder. @returns the folder, for DOCKER_CONFIG */
export async function composePlugin(directory: string): Promise<string> {
  const program = await goProgram({
    name: 'docker-compose',
    source: 'github.com/docker/compose/v5/cmd',
    version: composeVersion,
    variables: { 'github.com/docker/compose/v5/internal.Version': `v${composeVersion}` },
  });
  const plugins = path.join(directory, 'client', 'cli-plugins');
  mkdirSync(plugins, { recursive: true });
  cpSync(program, path.join(plugins, 'docker-compose'));
  chmodSync(path.join(plugins, 'docker-compose'), 0o755);
  return path.dirname(plugins);
}

export interface StackPlace {
  readonly engine: Engine;
  /** What `composePlugin` returned. */
  readonly client: string;
  /** `.env` of the run. */
  readonly environmentFile: string;
  /** The file that is laid over those of the repository. */
  readonly override: string;
  /** Where the commands of the guide are typed. */
  readonly directory: string;
}

/** A container as `docker compose ps` lists it. */
export interface Listed {
  readonly Service: string;
  readonly State: string;
  readonly Health: string;
  readonly ExitCode: number;
  readonly ID: string;
}

/** What a container may use and do, as the engine holds it. */
export interface Bounds {
  readonly ReadonlyRootfs: boolean;
  readonly CapDrop: readonly string[] | null;
  readonly SecurityOpt: readonly string[] | null;
  readonly Memory: number;
  readonly NanoCpus: number;
  readonly PidsLimit: number | null;
  readonly RestartPolicy: { readonly Name: string };
}

/** `docker compose` with the files of this checkout: everything that is done to the stack is one of its commands. */
export class Stack {
  private readonly place: StackPlace;
  private readonly files: readonly string[];

  /** @param files those of the repository */
  constructor(place: StackPlace, files: readonly string[] = ['docker-compose.yml']) {
    this.place = place;
    this.files = files;
  }

  /** Runs `docker compose …` and returns what it printed. @throws LaunchError with what it said */
  async compose(...args: readonly string[]): Promise<string> {
    return this.run(dockerClient(), ['compose', ...args]);
  }

  /** Runs commands as somebody types them who stands in this checkout. @throws LaunchError with what they said */
  async shell(commands: string): Promise<void> {
    await this.run('bash', ['--norc', '-euxo', 'pipefail', '-c', commands]);
  }

  /** `up -d --wait`: returns when all are healthy. @throws LaunchError with the last lines of those that are not */
  async up(): Promise<void> {
    try {
      await this.compose('up', '--detach', '--wait', '--wait-timeout', '600', '--no-build', '--quiet-pull');
    } catch (error) {
      const sick = (await this.list()).filter(({ State, Health }) => State !== 'running' || Health !== 'healthy');
      const logs = await Promise.all(sick.map(({ Service }) => this.compose('logs', '--tail', '40', Service)));
      throw new LaunchError(`${(error as Error).message}\n${logs.join('\n')}`);
    }
  }

  async list(): Promise<Listed[]> {
    const lines = await this.compose('ps', '--all', '--format', 'json');
    return lines
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Listed);
  }

  async boundsOf(id: string): Promise<Bounds> {
    return JSON.parse(await this.place.engine.docker(['inspect', '--format', '{{json .HostConfig}}', id])) as Bounds;
  }

  /** The processes of a service's container, as the machine numbers them; the first is the container's own first. */
  async pids(service: string): Promise<readonly [number, ...number[]]> {
    const id = await this.compose('ps', '--quiet', service);
    const first = Number(await this.place.engine.docker(['inspect', '--format', '{{.State.Pid}}', id]));
    const listed = await this.place.engine.docker(['top', id, '-eo', 'pid']);
    const others = listed.split('\n').slice(1).map(Number);
    return [first, ...others.filter((pid) => pid !== first)];
  }

  private async run(program: string, args: readonly string[]): Promise<string> {
    const { engine, client, environmentFile, override, directory } = this.place;
    const files = [...this.files.map((file) => path.join(workspaceRoot, file)), override];
    const { failed, stdout, stderr } = await execa(program, args, {
      cwd: directory,
      // What asks for a password gets none, and says so.
      stdin: 'ignore',
      // Nothing else of this process: what is exported here goes before .env.
      extendEnv: false,
      env: {
        PATH: `${path.dirname(dockerClient())}:${process.env['PATH'] ?? ''}`,
        HOME: directory,
        ...engine.clientEnvironment,
        DOCKER_CONFIG: client,
        COMPOSE_PROJECT_NAME: 'signalpress-smoke',
        COMPOSE_FILE: files.join(':'),
        COMPOSE_ENV_FILES: environmentFile,
        COMPOSE_PROGRESS: 'plain',
      },
      reject: false,
      maxBuffer: 64 * 1024 * 1024,
    });
    if (failed) throw new LaunchError(`${args.join(' ')}: ${stderr.split('\n').slice(-15).join('\n')}`);
    return stdout;
  }
}
