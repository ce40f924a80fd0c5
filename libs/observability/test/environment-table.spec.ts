import { describe, expect, it } from '@jest/globals';
import { beside } from './environment/beside.js';
import { certificates } from './environment/certificates.js';
import { documentedVariables } from './environment/harness.js';
import { recording } from './environment/recording.js';
import { sending } from './environment/sending.js';
import { where } from './environment/where.js';

const checks = { ...where, ...sending, ...certificates, ...recording, ...beside };

describe('the table of docs/environment.md', () => {
  it('has a test for each row and a row for each test', () => {
    expect(Object.keys(checks).sort()).toEqual(documentedVariables().sort());
  });

  it.each(Object.entries(checks))('%s', async (_variable, check) => {
    await check();
  });
});
