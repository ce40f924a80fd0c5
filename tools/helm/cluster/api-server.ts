import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LaunchError } from '../../launcher/failure.ts';
import type { ClusterPrograms } from './programs.ts';

const readyMs = 180_000;

/** What the API server answered. */
export interface Answer {
  readonly status: number;
  readonly body: { readonly message?: string; readonly items?: readonly unknown[] };
  /** What it has to say against an object that it takes. */
  readonly warnings: readonly string[];
}

/**
 * The API server of Kubernetes with its store, on this machine alone: it checks and keeps what it is given, and nobody acts on it. No
 * controller, no kubelet.
 */
export class ApiServer {
  readonly kubeconfig: string;
  private readonly directory: string;
  private readonly port: number;
  private readonly token = randomBytes(24).toString('hex');
  private readonly children: ChildProcess[] = [];

  private constructor(directory: string, port: number) {
    this.directory = directory;
    this.port = port;
    this.kubeconfig = path.join(directory, 'kubeconfig.json');
  }

  static async start({ apiServer, etcd }: ClusterPrograms, directory: string): Promise<ApiServer> {
    mkdirSync(directory, { recursive: true });
    const [port = 0, clients = 0, peers = 0] = await freePorts(3);
    const server = new ApiServer(directory, port);
    try {
      server.spawn(etcd, [
        ...['--data-dir', path.join(directory, 'etcd'), '--unsafe-no-fsync'],
        ...[
          '--listen-client-urls',
          `http://127.0.0.1:${clients}`,
          '--advertise-client-urls',
          `http://127.0.0.1:${clients}`,
        ],
        ...[
          '--listen-peer-urls',
          `http://127.0.0.1:${peers}`,
          '--initial-advertise-peer-urls',
          `http://127.0.0.1:${peers}`,
        ],
        ...['--initial-cluster', `default=http://127.0.0.1:${peers}`],
      ]);
      server.spawn(apiServer, [...server.settings(), '--etcd-servers', `http://127.0.0.1:${clients}`]);
      await server.ready();
      server.writeKubeconfig();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** Sends an object, or asks for one. */
  async ask(method: string, route: string, body?: unknown): Promise<Answer> {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': type };
    const asked = request({ host: '127.0.0.1', port: this.port, path: route, method, headers, ca: this.authority() });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const chunks = await response.setEncoding('utf8').toArray();
    const said = response.headers['warning'];
    const text = chunks.join('');
    return {
      status: response.statusCode ?? 0,
      body: text.startsWith('{') ? (JSON.parse(text) as Answer['body']) : { message: text },
      warnings: said === undefined ? [] : [said],
    };
  }

  async stop(): Promise<void> {
    for (const child of this.children.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await closed;
      clearTimeout(timer);
    }
  }

  private settings(): string[] {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    const write = (name: string, content: string): string => {
      const file = path.join(this.directory, name);
      writeFileSync(file, content, { mode: 0o600 });
      return file;
    };
    return [
      ...['--bind-address', '127.0.0.1', '--advertise-address', '127.0.0.1', '--secure-port', String(this.port)],
      ...['--cert-dir', path.join(this.directory, 'certificates')],
      ...['--token-auth-file', write('tokens.csv', `${this.token},admin,1,system:masters\n`)],
      ...['--authorization-mode', 'RBAC', '--service-cluster-ip-range', '10.0.0.0/16'],
      ...['--service-account-issuer', 'https://kubernetes.default.svc', '--endpoint-reconciler-type', 'none'],
      ...['--service-account-key-file', write('accounts.pub', publicKey)],
      ...['--service-account-signing-key-file', write('accounts.key', privateKey)],
    ];
  }

  private spawn(program: string, args: readonly string[]): void {
    const log = openSync(path.join(this.directory, `${path.basename(program)}.log`), 'w');
    this.children.push(spawn(program, args, { stdio: ['ignore', log, log] }));
    closeSync(log);
  }

  private async ready(): Promise<void> {
    const deadline = Date.now() + readyMs;
    for (;;) {
      const answer = await this.ask('GET', '/readyz').catch(() => undefined);
      if (answer?.status === 200) return;
      if (Date.now() > deadline || this.children.some(({ exitCode }) => exitCode !== null)) {
        const log = readFileSync(path.join(this.directory, 'kube-apiserver.log'), 'utf8');
        throw new LaunchError(`the API server did not get ready:\n${log.split('\n').slice(-8).join('\n')}`);
      }
      await sleep(500);
    }
  }

  /** It signs its certificate itself. */
  private authority(): string {
    return readFileSync(path.join(this.directory, 'certificates/apiserver.crt'), 'utf8');
  }

  private writeKubeconfig(): void {
    const authority = Buffer.from(this.authority()).toString('base64');
    const cluster = { server: `https://127.0.0.1:${this.port}`, 'certificate-authority-data': authority };
    const content = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'here', cluster }],
      users: [{ name: 'admin', user: { token: this.token } }],
      contexts: [{ name: 'here', context: { cluster: 'here', user: 'admin' } }],
      'current-context': 'here',
    };
    writeFileSync(this.kubeconfig, JSON.stringify(content), { mode: 0o600 });
  }
}

/** Held open together, so that none is handed out twice. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
