import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import { LaunchError } from './failure.ts';

/** A mistake of whoever typed the command; the message says what to type instead. */
export class UsageError extends LaunchError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}

/**
 * What was typed, as Node takes it apart.
 * @throws UsageError in Node's words; `help` is what to type for more
 */
export function readArguments<T extends ParseArgsConfig>(config: T, help?: string): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(help === undefined ? message : `${message} (see ${help})`, { cause: error });
  }
}

/** @throws UsageError that names the option and what it takes */
export function wholeNumber(option: string, text: string, [least, most]: readonly [number, number]): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least || number > most) {
    throw new UsageError(`${option} takes a whole number from ${least} to ${most}, not "${text}"`);
  }
  return number;
}
