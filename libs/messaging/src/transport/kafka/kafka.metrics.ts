import { counterDefinition } from '@signalpress/observability';

export const rebalancesTotal = counterDefinition({
  name: 'messaging_rebalances_total',
  help: 'Times that the consumer group has shared out its partitions anew, as this member saw it',
});

export const commitsTotal = counterDefinition({
  name: 'messaging_offset_commits_total',
  help: 'Times that this member has told the broker how far its group is',
});
