import { UnavailableError } from '../../messaging.errors.js';
import type { KafkaOptions } from './kafka.options.js';

const CAUSE_DEPTH = 5;

/** The answer, or an UnavailableError that says what is wrong in one line and which variable may mend it. */
export async function explained<T>(options: KafkaOptions, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw explanationOf(options, error);
  }
}

/** Never repeats a secret: the library's errors do not hold any, and we add names alone. */
function explanationOf(options: KafkaOptions, error: unknown): UnavailableError {
  const { name, message } = rootOf(error);
  const where = options.brokers.join(',');
  if (name === 'KafkaJSSASLAuthenticationError') {
    return new UnavailableError(
      `Kafka refuses the user or the password: check KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD (${message})`,
      { code: 'kafka-authentication', cause: error },
    );
  }
  if (/certificate|SSL|TLS/i.test(message)) {
    return new UnavailableError(
      `Kafka's certificate is not accepted: check KAFKA_TLS and KAFKA_TLS_CA_FILE (${message})`,
      { code: 'kafka-tls', cause: error },
    );
  }
  return new UnavailableError(`Kafka at ${where} does not do its part: ${message}`, { code: 'kafka', cause: error });
}

function rootOf(error: unknown): { name: string; message: string } {
  let root = error;
  for (let depth = 0; depth < CAUSE_DEPTH && root instanceof Error && root.cause instanceof Error; depth++) {
    if (root.name === 'KafkaJSSASLAuthenticationError') break;
    root = root.cause;
  }
  return root instanceof Error ? root : { name: 'unknown', message: String(root) };
}
