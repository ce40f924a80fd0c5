import { describe, expect, it } from '@jest/globals';
import { drillNames, parseOptions } from './options.ts';

describe('the options of a drill', () => {
  it('has defaults for everything but the name', () => {
    expect(parseOptions(['kill'])).toEqual({
      runs: [{ name: 'kill', transport: 'postgres' }],
      short: false,
      seed: 1,
      json: false,
      portOffset: 20_000,
      keep: false,
      help: false,
    });
  });

  it('knows all drills and both transports', () => {
    const options = parseOptions(['all', '--transport', 'both', '--short', '--seed', '7']);
    expect(options).toMatchObject({ short: true, seed: 7 });
    const runs = (transport: string) => options.runs.filter((run) => run.transport === transport);
    expect(runs('postgres').map(({ name }) => name)).toEqual(drillNames);
    expect(runs('kafka').map(({ name }) => name)).toEqual(drillNames.filter((name) => name !== 'cutover'));
  });

  it.each([
    [[], 'name a drill'],
    [['flood'], 'there is no drill flood'],
    [['kill', '--transport', 'pigeon'], '--transport takes'],
    [['cutover', '--transport', 'kafka'], 'cutover begins on postgres'],
    [['kill', '--seed', '-1'], '--seed'],
    [['kill', '--port-offset', '60000'], '--port-offset takes'],
    [['kill', '--loud'], 'npm run drill -- --help'],
  ])('refuses %j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
