import { kafkaIn, kafkaUnavailable, startKafka, stopKafka } from '@signalpress/testing/kafka';
import { LaunchError } from '../launcher/failure.ts';
import type { Options } from './options.ts';

/** @returns what to print. @throws LaunchError when the command cannot be obeyed. */
export async function obey({ command, dataDirectory, brokers }: Options): Promise<string> {
  const running = kafkaIn(dataDirectory)?.filter(({ pid }) => pid !== undefined) ?? [];
  const bootstrap = running.map(({ address }) => address).join(',');
  if (command === 'stop') return `stopped ${await stopKafka(dataDirectory)} of ${running.length} brokers`;
  if (command === 'status') return running.length === 0 ? 'not running' : `running: ${bootstrap}`;
  if (running.length > 0) throw new LaunchError(`it runs already: ${bootstrap}`);
  const reason = kafkaUnavailable();
  if (reason !== undefined) throw new LaunchError(reason);
  const kafka = await startKafka({ dataDirectory, detached: true, ...(brokers === undefined ? {} : { brokers }) });
  return kafka.bootstrap;
}
