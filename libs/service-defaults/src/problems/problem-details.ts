/** RFC 9457 problem details; every error answer of every service has this form. */
export interface ProblemDetails {
  /** `urn:signalpress:problem:<code>`; the code is stable, the wording is not. */
  type: string;
  title: string;
  status: number;
  detail?: string;
  /** Path of the request, without its query. */
  instance?: string;
  traceId?: string;
  errors?: FieldError[];
}

export interface FieldError {
  /** Path of the value within the request, such as `items.0.title`. */
  field: string;
  message: string;
}

export const problemContentType = 'application/problem+json; charset=utf-8';

export interface ProblemInput {
  status: number;
  /** Kebab-case; default: the words of the status, such as `not-found`. */
  code?: string | undefined;
  detail?: string | undefined;
  /** URL of the request; its query is left out. */
  url?: string | undefined;
  traceId?: string | undefined;
  errors?: readonly FieldError[] | undefined;
}

const titles: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  412: 'Precondition Failed',
  413: 'Payload Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** Builds the body of an error answer. */
export function problemDetails({ status, code, detail, url, traceId, errors }: ProblemInput): ProblemDetails {
  const title = titles[status] ?? 'Error';
  return {
    type: `urn:signalpress:problem:${code ?? codeOf(title)}`,
    title,
    status,
    ...(detail === undefined ? {} : { detail }),
    ...(url === undefined ? {} : { instance: pathOf(url) }),
    ...(traceId === undefined ? {} : { traceId }),
    ...(errors === undefined ? {} : { errors: [...errors] }),
  };
}

/** The path of a request's URL. */
export function pathOf(url: string): string {
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}

function codeOf(words: string): string {
  return words.toLowerCase().replaceAll(' ', '-');
}
