import { describe, expect, it } from '@jest/globals';
import { acceptsGzip, negotiateFormat } from './negotiation.js';

const openmetrics = 'application/openmetrics-text';

describe('negotiateFormat', () => {
  it.each([
    [
      'Prometheus 2.42',
      'openmetrics',
      `${openmetrics};version=1.0.0,${openmetrics};version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`,
    ],
    [
      'Prometheus 3',
      'openmetrics',
      `${openmetrics};version=1.0.0;escaping=allow-utf-8;q=0.6,${openmetrics};version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2`,
    ],
    [
      'Prometheus 3 that prefers the plain text',
      'prometheus',
      `text/plain;version=0.0.4;q=0.6,${openmetrics};version=1.0.0;q=0.5,*/*;q=0.2`,
    ],
    ['one that asks for the type alone', 'openmetrics', openmetrics],
    ['a quoted version', 'openmetrics', `Application/OpenMetrics-Text; Version="1.0.0"; charset=utf-8`],
    ['an older version only', 'prometheus', `${openmetrics};version=0.0.1`],
    ['a refusal', 'prometheus', `${openmetrics};q=0, text/plain;q=0.1`],
    ['a quality that is none', 'prometheus', `${openmetrics};q=high`],
    ['curl', 'prometheus', '*/*'],
    ['a browser', 'prometheus', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
    ['plain text', 'prometheus', 'text/plain'],
    ['something else', 'prometheus', 'application/json'],
    ['the name inside of another', 'prometheus', `text/plain;note="${openmetrics}"`],
    ['nothing', 'prometheus', undefined],
  ] as const)('answers %s with %s', (_, format, accept) => {
    expect(negotiateFormat(accept)).toBe(format);
  });

  it('reads a long hostile header in one go', () => {
    expect(negotiateFormat('",;q='.repeat(200_000))).toBe('prometheus');
  });
});

describe('acceptsGzip', () => {
  it.each([
    ['gzip', true],
    ['gzip, deflate, br', true],
    ['br;q=1.0, gzip;q=0.8, *;q=0.1', true],
    ['*', true],
    ['gzip;q=0, *', false],
    ['identity;q=1, gzip;q=0.5', false],
    ['deflate', false],
    ['', false],
    [undefined, false],
  ])('%s: %s', (header, accepted) => {
    expect(acceptsGzip(header)).toBe(accepted);
  });
});
