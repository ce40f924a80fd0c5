import { describe, expect, it } from '@jest/globals';
import { UsageError } from '../launcher/command-line.ts';
import { parseCutOver } from './options.ts';

describe('the command line of the cut-over', () => {
  it('knows what it may be told', () => {
    expect(parseCutOver([])).toEqual({ command: 'cut-over', drainMs: 300_000, without: [] });
    expect(parseCutOver(['--drain-seconds', '5'])).toMatchObject({ drainMs: 5_000 });
    expect(parseCutOver(['--without', 'monitoring', '--without', 'feedback-loop']).without).toEqual([
      'monitoring',
      'feedback-loop',
    ]);
    expect(parseCutOver(['--abort']).command).toBe('abort');
    expect(parseCutOver(['--help', '--abort']).command).toBe('help');
  });

  it.each([
    [['now']],
    [['--drain-seconds', '0']],
    [['--drain-seconds', 'long']],
    [['--back']],
    [['--without', 'api-gateway']],
  ])('refuses %j', (args: string[]) => {
    expect(() => parseCutOver(args)).toThrow(UsageError);
  });
});
