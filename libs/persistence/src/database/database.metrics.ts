import { gaugeDefinition } from '@signalpress/observability';
import type { Metrics } from '@signalpress/observability';
import type { PoolState } from './database.js';

/** Connections of the pool by what they do. */
export const poolConnections = gaugeDefinition({
  name: 'db_client_connections',
  help: 'Connections of the database pool, by state (used, idle).',
  labels: ['state'],
});

/** The bound of the pool. */
export const poolConnectionsMax = gaugeDefinition({
  name: 'db_client_connections_max',
  help: 'Most connections that the database pool may open.',
});

/** Above zero for long: the pool is too small, or transactions take too long. */
export const poolPending = gaugeDefinition({
  name: 'db_client_connections_pending_requests',
  help: 'Callers that wait for a connection of the database pool.',
});

/** Reads the pool at each scrape. */
export function observePool(metrics: Metrics, poolState: () => PoolState): void {
  metrics.observeGauge(poolConnections, () => {
    const { open, idle } = poolState();
    return [
      { labels: { state: 'used' }, value: open - idle },
      { labels: { state: 'idle' }, value: idle },
    ];
  });
  metrics.observeGauge(poolConnectionsMax, () => poolState().max);
  metrics.observeGauge(poolPending, () => poolState().waiting);
}
