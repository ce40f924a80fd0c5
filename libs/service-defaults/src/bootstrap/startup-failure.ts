import { ServiceError, TracingEnvironmentError } from '@signalpress/observability';
import { EnvironmentError } from '../environment/environment.errors.js';
import { connectionFailureOf } from '../problems/fault.js';

/**
 * What to tell the person who started the service: one line for what they can mend, and undefined for a defect, which needs its
 * stack.
 */
export function explainStartupFailure(
  error: unknown,
  env: { HOST: string; PORT: number } | undefined,
): string | undefined {
  if (error instanceof EnvironmentError) {
    const count = error.problems.length;
    const lines = error.message.split('\n').map((line) => `\n  ${line}`);
    return `the environment has ${count} ${count === 1 ? 'problem' : 'problems'}:${lines.join('')}`;
  }
  if (error instanceof TracingEnvironmentError) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE' && env) return `port ${env.PORT} on ${env.HOST} is in use; free it or set PORT`;
  if (code === 'EACCES' && env) return `no permission to listen on ${env.HOST}:${env.PORT}; set PORT to 1024 or more`;
  if (code === 'EADDRNOTAVAIL' && env) return `${env.HOST} is not an address of this machine; set HOST`;
  if (error instanceof ServiceError && (error.severity === 'expected' || error.retryable))
    return firstLine(error.message);
  const connection = connectionFailureOf(error);
  if (connection !== undefined) {
    return `the database does not answer (${firstLine(connection.message)}); start it or set DATABASE_URL`;
  }
  return undefined;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
