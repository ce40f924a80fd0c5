import { spawn } from 'node:child_process';
import { closeSync, cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { LaunchError } from '../launcher/failure.ts';

const startMs = 60_000;
const stopMs = 30_000;

/** A container engine, and how to talk to it. */
export class Engine {
  /** What a client program needs to talk to this engine. */
  readonly clientEnvironment: Readonly<Record<string, string>>;
  private readonly pidFile: string | undefined;

  private constructor(clientEnvironment: Readonly<Record<string, string>>, pidFile?: string) {
    this.clientEnvironment = clientEnvironment;
    this.pidFile = pidFile;
  }

  /**
   * The engine that answers already, or one of our own in `directory`: with the networks of the host alone, so that it needs
   * no right to change the machine's. For that it takes root and Debian's packages docker.io and iptables.
   *
   * @param own never the one that answers already
   * @throws LaunchError when there is none to be had
   */
  static async acquire(directory: string, { own = false }: { readonly own?: boolean } = {}): Promise<Engine> {
    const found = new Engine({});
    if (!own && (await found.answers())) return found;
    if (process.getuid?.() !== 0 || !existsSync('/usr/sbin/dockerd')) {
      throw new LaunchError(
        'no container engine answers; start one, or run this as root where dockerd is (Debian: docker.io, iptables, debootstrap)',
      );
    }
    mkdirSync(directory, { recursive: true });
    const socket = `unix://${directory}/docker.sock`;
    const engine = new Engine({ DOCKER_HOST: socket }, path.join(directory, 'docker.pid'));
    if (!(await engine.answers())) await startDaemon(directory, socket, () => engine.answers());
    return engine;
  }

  /** Runs `docker` and returns what it printed. @throws LaunchError with what it said. */
  async docker(args: readonly string[], onLine?: (line: string) => void): Promise<string> {
    const run = execa(dockerClient(), args, {
      env: { ...this.clientEnvironment, DOCKER_BUILDKIT: '1', BUILDKIT_PROGRESS: 'plain' },
      reject: false,
      all: true,
      maxBuffer: 64 * 1024 * 1024,
    });
    if (onLine !== undefined) for await (const line of run.iterable({ from: 'all' })) onLine(line);
    const result = await run;
    if (result.failed) {
      throw new LaunchError(`docker ${args.slice(0, 2).join(' ')}: ${result.all.split('\n').slice(-40).join('\n')}`);
    }
    return result.stdout;
  }

  /** The last lines that a container wrote, to either stream. */
  async logs(container: string): Promise<string> {
    const run = ['logs', '--tail', '20', container];
    const { all } = await execa(dockerClient(), run, { env: this.clientEnvironment, reject: false, all: true });
    return all;
  }

  /** Whether the image is here, after a try to pull it. */
  async has(image: string): Promise<boolean> {
    const here = (): Promise<boolean> =>
      this.docker(['image', 'inspect', image]).then(
        () => true,
        () => false,
      );
    if (await here()) return true;
    await this.docker(['pull', '--quiet', image]).catch(() => undefined);
    return here();
  }

  /** Stops the engine if it is one of our own; its images stay. */
  async release(): Promise<void> {
    if (this.pidFile === undefined || !existsSync(this.pidFile)) return;
    const pid = Number(readFileSync(this.pidFile, 'utf8'));
    process.kill(pid, 'SIGTERM');
    for (let waited = 0; waited < stopMs && existsSync(`/proc/${pid}`); waited += 200) await sleep(200);
    await execa('umount', [path.join(path.dirname(this.pidFile), 'exec/netns/default')], { reject: false });
  }

  private async answers(): Promise<boolean> {
    return this.docker(['info']).then(
      () => true,
      () => false,
    );
  }
}

/** Debian's client goes with Debian's engine: newer ones build with a plugin that need not be there. */
export const dockerClient = (): string => (existsSync('/usr/sbin/dockerd') ? '/usr/bin/docker' : 'docker');

async function startDaemon(directory: string, socket: string, answers: () => Promise<boolean>): Promise<void> {
  const logFile = path.join(directory, 'dockerd.log');
  const log = openSync(logFile, 'w');
  const place = ['data', 'exec'].map((name) => path.join(directory, name));
  const child = spawn(
    '/usr/sbin/dockerd',
    [
      ...['-H', socket, '--data-root', place[0] ?? '', '--exec-root', place[1] ?? ''],
      ...['--pidfile', path.join(directory, 'docker.pid'), '--storage-driver=overlay2'],
      ...['--iptables=false', '--ip6tables=false', '--bridge=none'],
    ],
    { detached: true, stdio: ['ignore', log, log] },
  );
  child.unref();
  closeSync(log);
  for (let waited = 0; waited < startMs && child.exitCode === null; waited += 500) {
    if (await answers()) return;
    await sleep(500);
  }
  throw new LaunchError(`dockerd did not start:\n${readFileSync(logFile, 'utf8').split('\n').slice(-6).join('\n')}`);
}

const baseImage = 'node:24-bookworm-slim';

/** The image that those of the services build on: pulled, or else a stand-in. */
export async function provideBase(engine: Engine, directory: string): Promise<void> {
  if (await engine.has(baseImage)) return;
  process.stdout.write(`${baseImage} cannot be pulled: a stand-in is made of Debian's packages and npm's node\n`);
  await standInForNode(engine, baseImage, directory);
}

/**
 * Makes a stand-in for an official Node image that cannot be pulled: Debian's packages, the `node` package of npm, npm itself and
 * the user `node`. Good for building and trying images, not for releasing them.
 */
async function standInForNode(engine: Engine, image: string, directory: string): Promise<void> {
  const folder = mkdtempSync(path.join(directory, 'base-'));
  const root = path.join(folder, 'root');
  try {
    const mirror = await debianMirror();
    await execa('debootstrap', ['--variant=minbase', '--include=ca-certificates', 'bookworm', root, mirror]);
    const modules = path.join(folder, 'node/node_modules');
    await execa('npm', ['install', '--silent', '--no-save', '--prefix', path.dirname(modules), 'node@24', 'npm@11']);
    cpSync(path.join(modules, 'node/bin/node'), path.join(root, 'usr/local/bin/node'));
    cpSync(path.join(modules, 'npm'), path.join(root, 'usr/local/lib/npm'), { recursive: true, dereference: true });
    for (const [link, target] of [['npm', 'npm-cli.js'] as const, ['npx', 'npx-cli.js'] as const]) {
      await execa('ln', ['-s', `../lib/npm/bin/${target}`, path.join(root, 'usr/local/bin', link)]);
    }
    // Builds inside reach the registry as this machine does.
    const authorities = 'etc/ssl/certs/ca-certificates.crt';
    cpSync(path.join('/', authorities), path.join(root, authorities));
    await execa('chroot', [root, 'useradd', '--create-home', '--uid', '1000', 'node']);
    const archive = path.join(folder, 'root.tar');
    await execa('tar', ['-C', root, '-cf', archive, '.']);
    const changes = [`ENV NODE_EXTRA_CA_CERTS=/${authorities}`, 'CMD ["node"]'].flatMap((line) => ['--change', line]);
    await engine.docker(['import', ...changes, archive, image]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function debianMirror(): Promise<string> {
  const filter = ['--format', '$(SITE)', 'Created-By: Packages', 'Codename: bookworm'];
  const { stdout } = await execa('apt-get', ['indextargets', ...filter], { reject: false });
  const [mirror] = stdout.split('\n');
  if (mirror === undefined || mirror === '') throw new LaunchError('apt-get knows no source of Debian bookworm');
  return mirror;
}
