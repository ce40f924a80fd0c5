import { describeFailure } from '../launcher/failure.ts';
import { check } from './check.ts';
import { updateGenerated } from './generated.ts';

const usage = `npm run helm:check [-- --update]

Lints the chart, renders it for each values file, validates every manifest against the schemas of Kubernetes, and compares the
renders with those in infrastructure/helm/golden. Builds Helm and kubeconform the first time (Go, pip).

  --update   write values.schema.json, the README's table and the renders anew; look at the diff
`;

/** @returns the exit code: 0 done, 1 something is wrong, 2 mistyped */
async function main(args: readonly string[]): Promise<number> {
  const update = args.includes('--update');
  if (args.some((arg) => arg !== '--update')) {
    process.stderr.write(usage);
    return 2;
  }
  try {
    if (update) await updateGenerated();
    await check({ update, say: (line) => process.stdout.write(`${line}\n`) });
    return 0;
  } catch (error) {
    process.stderr.write(`helm:check: ${describeFailure(error)}\n`);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
