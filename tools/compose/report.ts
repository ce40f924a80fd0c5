import { LaunchError } from '../launcher/failure.ts';

export const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Says that something holds. @throws LaunchError when it does not */
export function check(holds: boolean, what: string): void {
  if (!holds) throw new LaunchError(`does not hold: ${what}`);
  say(`ok  ${what}`);
}
