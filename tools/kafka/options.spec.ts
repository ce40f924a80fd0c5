import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { UsageError } from '../launcher/command-line.ts';
import { parseOptions } from './options.ts';

describe('the command line of the broker for development', () => {
  it('knows its commands', () => {
    expect(parseOptions(['start', '--brokers', '3', '--data', '/tmp/k'])).toEqual({
      command: 'start',
      brokers: 3,
      dataDirectory: path.resolve('/tmp/k'),
    });
    expect(parseOptions(['stop'])).toMatchObject({ command: 'stop', brokers: undefined });
    expect(parseOptions(['--help']).command).toBe('help');
  });

  it.each([[[]], [['run']], [['start', 'now']], [['start', '--brokers', '2']], [['start', '--port', '1']]])(
    'refuses %j',
    (args: string[]) => {
      expect(() => parseOptions(args)).toThrow(UsageError);
    },
  );
});
