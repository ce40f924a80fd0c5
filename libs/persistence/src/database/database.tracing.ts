import { SpanKind } from '@opentelemetry/api';
import type { Attributes } from '@opentelemetry/api';
import { currentTraceId, semconv, withSpan } from '@signalpress/observability';

const { attributeNames } = semconv;

/** Runs one statement, and may tell about it. `sql` is the text with placeholders; parameter values are never passed. */
export type QueryTracer = <T>(sql: string, run: () => Promise<T>) => Promise<T>;

/** Tells nobody. */
export const untraced: QueryTracer = (_sql, run) => run();

/** Statements are few and repeat; what is beyond comes from texts that are built (lists of placeholders) and starts anew. */
const KNOWN_STATEMENTS = 500;
const LONGEST_TEXT = 2_000;

const STRING_LITERAL = /'(?:[^'\\]|\\.|'')*'|\$(\w*)\$[\s\S]*?\$\1\$/g;
const OPERATION = /^[\s(]*([a-z]+)/i;
const TARGET = /\b(?:from|into|update|join)\s+(?:only\s+)?("?\w+"?(?:\."?\w+"?)?)/i;

interface Statement {
  readonly name: string;
  readonly attributes: Attributes;
}

/** Which server the statements go to; the same for all spans of one database. */
export interface QueryTarget {
  readonly databaseUrl: string;
  readonly schema: string;
}

/**
 * A CLIENT span per statement, BEGIN and COMMIT included, where there is an active span to be a child of: polling loops and
 * health checks make none. The text is that with placeholders, with string literals replaced as well.
 */
export function spanPerQuery(target: QueryTarget): QueryTracer {
  const common = targetAttributes(target);
  const known = new Map<string, Statement>();
  const statementOf = (sql: string): Statement => {
    const before = known.get(sql);
    if (before !== undefined) return before;
    if (known.size >= KNOWN_STATEMENTS) known.clear();
    const statement = describeStatement(sql, common);
    known.set(sql, statement);
    return statement;
  };
  return (sql, run) => {
    if (currentTraceId() === undefined) return run();
    const { name, attributes } = statementOf(sql);
    return withSpan(name, attributes, run, { kind: SpanKind.CLIENT });
  };
}

/** Named as the semantic conventions say: the operation and what it works on, `SELECT ideas`. */
export function describeStatement(sql: string, common: Attributes = {}): Statement {
  const text = sql.replace(STRING_LITERAL, '?').replace(/\s+/g, ' ').trim();
  const operation = OPERATION.exec(text)?.[1]?.toUpperCase() ?? 'QUERY';
  const target = TARGET.exec(text)?.[1]?.replaceAll('"', '');
  return {
    name: target === undefined ? operation : `${operation} ${target}`,
    attributes: {
      ...common,
      [attributeNames.dbOperationName]: operation,
      [attributeNames.dbQueryText]: text.slice(0, LONGEST_TEXT),
    },
  };
}

function targetAttributes({ databaseUrl, schema }: QueryTarget): Attributes {
  const url = URL.parse(databaseUrl);
  const database = url?.pathname.slice(1) ?? '';
  return {
    [attributeNames.dbSystemName]: 'postgresql',
    [attributeNames.dbNamespace]: `${database}|${schema}`,
    ...(url === null
      ? {}
      : {
          [attributeNames.serverAddress]: url.hostname,
          [attributeNames.serverPort]: Number(url.port === '' ? '5432' : url.port),
        }),
  };
}
