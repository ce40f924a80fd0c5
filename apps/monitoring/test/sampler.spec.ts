import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from '@signalpress/persistence';
import { waitFor } from '@signalpress/testing';
import { startMonitoring } from './monitoring-app.js';
import type { MonitoringApp } from './monitoring-app.js';

const TOKEN = 'a-token-of-24-characters';
let app: MonitoringApp;
let cpu = 0;
const tokens = new Set<string | undefined>();

const busy = createServer((request, response) => {
  tokens.add(request.headers.authorization);
  cpu += 0.25;
  response.end(
    `process_cpu_seconds_total ${cpu}\nprocess_resident_memory_bytes 1000\nnodejs_heap_size_used_bytes 500\n` +
      'nodejs_eventloop_lag_seconds 0.01\nmessaging_outbox_waiting 2\nmessaging_outbox_oldest_age_seconds 7\n',
  );
});
const silent = createServer(() => undefined);
const endless = createServer((_request, response) => {
  const line = `x 1\n`.repeat(20_000);
  const write = (): void => {
    while (!response.destroyed && response.write(line));
  };
  response.on('drain', write);
  write();
});
const refusing = createServer((_request, response) => response.writeHead(401).end());
const servers = [busy, silent, endless, refusing];

const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

beforeAll(async () => {
  const up = await listen(busy);
  app = await startMonitoring({
    SAMPLE_SECONDS: '1',
    METRICS_TOKEN: TOKEN,
    API_GATEWAY_URL: 'http://127.0.0.1:9',
    SIGNAL_INGESTION_URL: up,
    SCORING_ENGINE_URL: await listen(silent),
    ORCHESTRATOR_URL: await listen(endless),
    MOCKUP_GENERATION_URL: await listen(refusing),
    MARKETPLACE_PUBLISHER_URL: 'http://127.0.0.1:9',
    FEEDBACK_LOOP_URL: 'http://127.0.0.1:9',
  });
});
afterAll(async () => {
  await app.close();
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

interface Sample {
  service: string;
  up: boolean;
  cpu_cores: number | null;
  resident_memory_bytes: string | null;
}
const newest = async (): Promise<Map<string, Sample>> => {
  const { rows } = await sql<Sample>`
    select * from resource_usage where time = (select max(time) from resource_usage)`.execute(app.db.kysely);
  return new Map(rows.map((row) => [row.service, row]));
};

describe('the sampler', () => {
  it('keeps what each service uses, and a row for each that does not answer', async () => {
    const sample = await waitFor(
      async () => {
        const found = await newest();
        return typeof found.get('signal-ingestion')?.cpu_cores === 'number' && found;
      },
      { timeoutMs: 45_000, message: 'a second sample' },
    );
    expect(Object.fromEntries([...sample].map(([service, { up }]) => [service, up]))).toEqual({
      'api-gateway': false,
      'signal-ingestion': true,
      'scoring-engine': false,
      orchestrator: false,
      'mockup-generation': false,
      'marketplace-publisher': false,
      'feedback-loop': false,
      monitoring: true,
    });
    expect(sample.get('signal-ingestion')).toMatchObject({ resident_memory_bytes: '1000' });
    expect(sample.get('signal-ingestion')?.cpu_cores).toBeGreaterThan(0.01);
    expect(Number(sample.get('monitoring')?.resident_memory_bytes)).toBeGreaterThan(1_000_000);
    expect(sample.get('scoring-engine')).toMatchObject({ cpu_cores: null, resident_memory_bytes: null });
    expect([...tokens]).toEqual([`Bearer ${TOKEN}`]);
  });

  it('tells the queues: every topic of every group, and the outboxes', async () => {
    const { rows } = await sql<{
      topic: string;
      consumer_group: string;
      length: string;
      oldest_age_seconds: number | null;
    }>`
      select distinct on (topic, consumer_group) topic, consumer_group, length, oldest_age_seconds
      from queue_lengths order by topic, consumer_group, time desc`.execute(app.db.kysely);
    expect(rows.filter((row) => row.consumer_group === 'monitoring' && row.topic !== 'outbox')).toHaveLength(17);
    expect(rows).toContainEqual({
      topic: 'outbox',
      consumer_group: 'signal-ingestion',
      length: '2',
      oldest_age_seconds: 7,
    });
  });

  it('tells a queue that nobody reads how long it is and how old', async () => {
    await sql`insert into events.subscriptions values ('away', 'weights.updated', now())`.execute(app.db.kysely);
    await sql`insert into events.offsets (group_name, partition) select 'away', partition from events.partitions`.execute(
      app.db.kysely,
    );
    await sql`
      with head as (update events.partitions set head = head + 1 where partition = 0 returning head)
      insert into events.log (partition, position, type, envelope, recorded_at)
      select 0, head, 'weights.updated', '{}', now() - interval '90 seconds' from head`.execute(app.db.kysely);
    const found = await waitFor(
      async () => {
        const { rows } = await sql<{ oldest_age_seconds: number }>`
          select oldest_age_seconds from queue_lengths
          where topic = 'weights.updated' and consumer_group = 'away' and length = 1`.execute(app.db.kysely);
        return rows[0];
      },
      { timeoutMs: 45_000, message: 'a sample of the queue' },
    );
    expect(found.oldest_age_seconds).toBeGreaterThan(89);
  });

  it('shows who answers', async () => {
    const response = await fetch(`${app.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } });
    const text = await response.text();
    expect(text).toMatch(/signalpress_sampled_service_up\{target="signal-ingestion"\} 1/);
    expect(text).toMatch(/signalpress_sampled_service_up\{target="scoring-engine"\} 0/);
  });
});
