import { homedir } from 'node:os';
import { join } from 'node:path';

/** What of the environment concerns the broker of specs. */
export interface KafkaEnvironment {
  /** Directory of the broker's jar files: `SIGNALPRESS_KAFKA_CACHE`, else `~/.cache/signalpress`, each with a folder per version. */
  readonly cacheDirectory: string;
  /** `REQUIRE_KAFKA=1`: where no broker can be had, specs fail instead of being skipped. */
  readonly required: boolean;
  /** The directories in which programs are looked for. */
  readonly path: string;
}

export function kafkaEnvironment(source: NodeJS.ProcessEnv = process.env): KafkaEnvironment {
  const cache = source['SIGNALPRESS_KAFKA_CACHE'];
  return {
    cacheDirectory: cache !== undefined && cache !== '' ? cache : join(homedir(), '.cache', 'signalpress'),
    required: source['REQUIRE_KAFKA'] === '1',
    path: source['PATH'] ?? '',
  };
}
