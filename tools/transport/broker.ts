import type { KafkaOptions } from '@signalpress/messaging';
import { eventTransport, eventsEnv, loadEnv } from '@signalpress/service-defaults';
import { z } from 'zod';
import { LaunchError } from '../launcher/failure.ts';

/** The cluster that the shell names, read as the services read it. @throws EnvironmentError that names each variable */
export function brokerOf(shell: Record<string, string | undefined>): KafkaOptions {
  const transport = eventTransport(loadEnv(z.object(eventsEnv), { ...shell, EVENT_TRANSPORT: 'kafka' }));
  if (transport.kind !== 'kafka') throw new LaunchError('no broker is configured');
  return transport;
}
