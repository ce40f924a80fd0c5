import { describe, expect, it } from '@jest/globals';
import { collectLogs } from './collect-logs.js';
import { waitFor } from './wait-for.js';

describe('waitFor', () => {
  it('gives the first truthy value, asking promises too', async () => {
    let calls = 0;
    const value = await waitFor(() => Promise.resolve(++calls === 3 && `after ${calls}`), { intervalMs: 1 });
    expect(value).toBe('after 3');
  });

  it('says what it waited for, with the last error as cause', async () => {
    const failure = new Error('not there');
    const waiting = waitFor(
      () => {
        throw failure;
      },
      { timeoutMs: 20, intervalMs: 5, message: 'the row' },
    );
    await expect(waiting).rejects.toMatchObject({ message: 'Waited 20 ms in vain for the row', cause: failure });
  });
});

describe('collectLogs', () => {
  it('parses the lines and keeps the text', () => {
    const logs = collectLogs();
    logs.stream.write('{"level":30,"msg":"one"}\n{"msg"');
    logs.stream.write(':"two"}\n');
    expect(logs.lines()).toEqual([{ level: 30, msg: 'one' }, { msg: 'two' }]);
    expect(logs.text()).toContain('"level":30');
    logs.reset();
    expect(logs.lines()).toEqual([]);
  });
});
