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
}

/** A container as `docker compose ps` lists it. */
export interface Listed {
  readonly Service: string;
  readonly State: string;
  readonly Health: string;
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
    const { failed, stdout, stderr } = await this.run(args);
    if (failed) throw new LaunchError(`docker compose ${args.join(' ')}: ${stderr.split('\n').slice(-15).join('\n')}`);
    return stdout;
  }

  /** `up -d --wait`: returns when all are healthy. @throws LaunchError with the last lines of those that are not */
  async up(...services: readonly string[]): Promise<void> {
    try {
      await this.compose(
        'up',
        '--detach',
        '--wait',
        '--wait-timeout',
        '300',
        '--no-build',
        '--quiet-pull',
        ...services,
      );
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

  private async run(args: readonly string[]): Promise<{ failed: boolean; stdout: string; stderr: string }> {
    const { engine, client, environmentFile, override } = this.place;
    const files = [...this.files.map((file) => path.join(workspaceRoot, file)), override];
    const project = ['--project-name', 'signalpress-smoke', '--project-directory', workspaceRoot];
    const { failed, stdout, stderr } = await execa(
      dockerClient(),
      ['compose', ...project, '--env-file', environmentFile, ...files.flatMap((file) => ['--file', file]), ...args],
      {
        env: { ...engine.clientEnvironment, DOCKER_CONFIG: client, COMPOSE_PROGRESS: 'plain' },
        reject: false,
        maxBuffer: 64 * 1024 * 1024,
      },
    );
    return { failed, stdout, stderr };
  }
}
