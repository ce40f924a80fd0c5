import type { GroupTypes } from '../subscriptions.js';
import type { PartitionLag, QueueLength } from '../transport.js';
import { groupOf, topicOf } from './kafka.names.js';
import type { KafkaOptions } from './kafka.options.js';
import type { KafkaAdmin, OffsetRange } from './kafka.seat.js';

interface Waiting {
  readonly events: number;
  /** Where the group goes on, by partition with something to do. */
  readonly behind: ReadonlyMap<number, bigint>;
}

/** The oldest age is told within a twentieth of itself, from a second to a week. */
const AGE_STEPS = 8;
const OLDEST_MS = 7 * 86_400_000;
const YOUNGEST_MS = 1_000;
/** Requests of one answer about ages are bounded by this many queues times the steps. */
const MOST_AGES = 12;

/** How far a group is, from the ends of the partitions and its committed offsets. */
export class KafkaLag {
  constructor(
    private readonly admin: KafkaAdmin,
    private readonly options: KafkaOptions,
  ) {}

  async ofGroup({ group, types }: GroupTypes): Promise<PartitionLag[]> {
    const topics = types.map((type) => topicOf(this.options, type));
    const committed = await this.admin.committed(groupOf(this.options, group), topics);
    const lags = types.map(async (type, index) => {
      const topic = topics[index] ?? '';
      const ranges = await this.admin.ranges(topic);
      return [...ranges].map(([partition, range]) => ({
        topic: type,
        partition,
        events: Number(range.high - startOf(range, committed.get(topic)?.get(partition))),
      }));
    });
    return (await Promise.all(lags)).flat();
  }

  async queues(groups: readonly GroupTypes[]): Promise<QueueLength[]> {
    const types = [...new Set(groups.flatMap((group) => group.types))];
    const ranges = new Map(
      await Promise.all(
        types.map(async (type) => [type, await this.admin.ranges(topicOf(this.options, type))] as const),
      ),
    );
    const lengths: QueueLength[] = [];
    let ages = 0;
    for (const { group, types: handled } of groups) {
      const topics = handled.map((type) => topicOf(this.options, type));
      const committed = await this.admin.committed(groupOf(this.options, group), topics);
      for (const type of handled) {
        const { events, behind } = waitingOf(ranges.get(type), committed.get(topicOf(this.options, type)));
        const asked = events > 0 && ages++ < MOST_AGES;
        const oldestAgeSeconds = asked ? await this.oldestAge(type, behind) : null;
        lengths.push({ topic: type, group, events, oldestAgeSeconds });
      }
    }
    return lengths.sort((a, b) => a.topic.localeCompare(b.topic) || a.group.localeCompare(b.group));
  }

  /** Halves, on a scale of ratios, the time since which everything is handled. */
  private async oldestAge(type: string, behind: ReadonlyMap<number, bigint>): Promise<number> {
    const now = Date.now();
    let [young, old] = [Math.log(YOUNGEST_MS), Math.log(OLDEST_MS)];
    for (let step = 0; step < AGE_STEPS; step++) {
      const middle = (young + old) / 2;
      const offsets = await this.admin.offsetsAt(topicOf(this.options, type), now - Math.exp(middle));
      // A message that waits is older than this when the first one that is not comes after it.
      const older = [...behind].some(([partition, next]) => (offsets.get(partition) ?? next) > next);
      if (older) young = middle;
      else old = middle;
    }
    const age = Math.exp(young) / 1_000;
    return young === Math.log(YOUNGEST_MS) ? 0 : age;
  }
}

/** A group that has committed nothing begins at the oldest there is, and so does one that is behind even that. */
function startOf({ low, high }: OffsetRange, committed: bigint | undefined): bigint {
  const start = committed === undefined || committed < low ? low : committed;
  return start > high ? high : start;
}

function waitingOf(
  ranges: ReadonlyMap<number, OffsetRange> | undefined,
  committed: ReadonlyMap<number, bigint> | undefined,
): Waiting {
  let events = 0;
  const behind = new Map<number, bigint>();
  for (const [partition, range] of ranges ?? []) {
    const start = startOf(range, committed?.get(partition));
    if (start >= range.high) continue;
    events += Number(range.high - start);
    behind.set(partition, start);
  }
  return { events, behind };
}
