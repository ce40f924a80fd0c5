import { describe, expect, it } from '@jest/globals';
import { reasonIn } from './embedded.programs.js';

describe('reasonIn', () => {
  it('finds what went wrong in a log', () => {
    const log = [
      '2026-01-01 00:00:00 UTC [7] LOG:  starting PostgreSQL 18.4',
      '2026-01-01 00:00:00 UTC [7] FATAL:  could not open file "x"',
      '2026-01-01 00:00:00 UTC [7] LOG:  database system is shut down',
    ];
    expect(reasonIn(log.join('\n'))).toBe('could not open file "x"');
    expect(reasonIn('initdb: error: directory "x" exists\ninitdb: hint: remove it\n')).toBe('directory "x" exists');
  });

  it('takes the last line when nothing is called an error', () => {
    expect(reasonIn('waiting\npg_ctl: could not start server\n\n')).toBe('pg_ctl: could not start server');
    expect(reasonIn('')).toBe('it says nothing');
  });
});
