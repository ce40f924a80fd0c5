import { describe, expect, it } from '@jest/globals';
import { parseOptions } from './options.ts';

describe('options of npm start', () => {
  it('takes several feeds', () => {
    expect(parseOptions(['--feed', 'a.rss', '--feed', 'b.atom', '--until-idle']).feeds).toEqual(['a.rss', 'b.atom']);
  });

  it('normalises the instant to UTC', () => {
    expect(parseOptions(['--as-of', '2026-05-04T11:30:00+02:00']).asOf).toBe('2026-05-04T09:30:00.000Z');
  });

  it.each([
    [['--as-of', 'yesterday'], '--as-of takes an instant'],
    [['--port-offset', '70000'], '--port-offset takes a whole number'],
    [['--json'], '--json goes with --until-idle'],
    [['--fed', 'x'], "Unknown option '--fed'"],
  ])('%j is refused in one line that says what to change', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
