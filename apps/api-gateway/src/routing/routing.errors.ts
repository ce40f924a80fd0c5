import { BadGatewayException, GatewayTimeoutException, ServiceUnavailableException } from '@nestjs/common';
import type { HttpException } from '@nestjs/common';
import type { Upstream } from './routing.table.js';

export type UpstreamFailure = 'unreachable' | 'timeout' | 'broken' | 'malformed';

const timeoutCode = /^(UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT|ETIMEDOUT)$/;
const unreachableCode = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;

/** Why a service gave no answer, by the code of the error behind it. */
export function upstreamFailureOf(error: unknown): UpstreamFailure {
  const cause = partOf(error, 'cause') ?? error;
  // A name with several addresses fails with one error for each of them.
  const causes = partOf(cause, 'errors');
  const codes = [codeOf(cause), ...(Array.isArray(causes) ? causes.map(codeOf) : [])];
  if (codes.some((code) => timeoutCode.test(code))) return 'timeout';
  // undici's parser gives its complaint a name, and a code only sometimes.
  if (partOf(cause, 'name') === 'HTTPParserError') return 'malformed';
  return codes.some((code) => unreachableCode.test(code)) ? 'unreachable' : 'broken';
}

/** The code of an error, or nothing. */
export function codeOf(error: unknown): string {
  const code = partOf(error, 'code');
  return typeof code === 'string' ? code : '';
}

function partOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

/** The answer to a caller whose service is away; it says which one, and nothing of the network behind. */
export function upstreamException(upstream: Upstream, failure: UpstreamFailure, cause: Error): HttpException {
  const options = { cause, errorCode: `upstream-${failure}` };
  switch (failure) {
    case 'unreachable':
      return new ServiceUnavailableException(`${upstream} is not reachable; try again.`, options);
    case 'timeout':
      return new GatewayTimeoutException(`${upstream} did not answer in time.`, options);
    case 'malformed':
      return new BadGatewayException(`${upstream} gave an answer that is not HTTP.`, options);
    case 'broken':
      return new BadGatewayException(`${upstream} broke the connection off.`, options);
  }
}
