import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describeFailure } from '../../launcher/failure.ts';
import { fetchToolchain } from '../toolchain.ts';
import { ApiServer } from './api-server.ts';
import { install } from './install.ts';
import { clusterPrograms, kubernetesVersion, operatorDefinitions } from './programs.ts';

/** `npm run helm:install`: the chart, installed on the API server of a Kubernetes in which nobody runs anything. */
async function main(): Promise<void> {
  const { helm } = await fetchToolchain();
  const programs = await clusterPrograms();
  const definitions = await operatorDefinitions();
  const directory = mkdtempSync(path.join(tmpdir(), 'signalpress-cluster-'));
  try {
    const server = await ApiServer.start(programs, directory);
    try {
      process.stdout.write(`kube-apiserver ${kubernetesVersion} answers\n`);
      await install({ helm, server, definitions, say: (line) => void process.stdout.write(`${line}\n`) });
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`helm:install: ${describeFailure(error)}\n`);
  process.exitCode = 1;
}
