import { prepareTopics } from '@signalpress/messaging/operations';
import Table from 'cli-table3';
import { brokerOf } from './broker.ts';

const DAY_MS = 86_400_000;

export interface TopicTable {
  readonly text: string;
  readonly warnings: readonly string[];
}

/** Creates what topics are missing on the cluster that the shell names, and shows all of them. */
export async function topicTable(shell: Record<string, string | undefined>): Promise<TopicTable> {
  const reports = await prepareTopics(brokerOf(shell));
  const table = new Table({
    head: ['topic', 'partitions', 'replicas', 'retention', 'cleanup', ''],
    style: { head: [] },
  });
  for (const { declared, found, created, warning } of reports) {
    const note = warning === undefined ? '' : 'less than declared';
    table.push([
      declared.topic,
      found.partitions,
      found.replicationFactor,
      `${declared.retentionMs / DAY_MS} days`,
      declared.cleanupPolicy,
      created ? 'created' : note,
    ]);
  }
  return { text: table.toString(), warnings: reports.flatMap(({ warning }) => warning ?? []) };
}
