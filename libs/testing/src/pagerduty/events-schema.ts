/** Bytes of a request that PagerDuty takes: 512 kB. */
export const MOST_BYTES = 512 * 1_024;

const text = { type: 'string' };
const filledText = { type: 'string', minLength: 1 };
const webAddress = { type: 'string', pattern: '^https?://' };

/**
 * The body of `POST /v2/enqueue`, as the public description of the Events API v2 has it: what is required of each action, the
 * lengths, the severities. Unknown members are errors here although PagerDuty ignores them: one is a mistake.
 */
export const eventSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'PagerDuty Events API v2: alert event',
  type: 'object',
  required: ['routing_key', 'event_action'],
  additionalProperties: false,
  properties: {
    routing_key: { type: 'string', minLength: 32, maxLength: 32 },
    event_action: { enum: ['trigger', 'acknowledge', 'resolve'] },
    dedup_key: { type: 'string', minLength: 1, maxLength: 255 },
    payload: {
      type: 'object',
      required: ['summary', 'source', 'severity'],
      additionalProperties: false,
      properties: {
        summary: { type: 'string', minLength: 1, maxLength: 1_024 },
        source: filledText,
        severity: { enum: ['critical', 'error', 'warning', 'info'] },
        timestamp: {
          type: 'string',
          pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?(Z|[+-]\\d{2}:?\\d{2})$',
        },
        component: text,
        group: text,
        class: text,
        custom_details: { type: 'object' },
      },
    },
    client: text,
    client_url: webAddress,
    images: {
      type: 'array',
      items: {
        type: 'object',
        required: ['src'],
        additionalProperties: false,
        properties: { src: { type: 'string', pattern: '^https://' }, href: webAddress, alt: text },
      },
    },
    links: {
      type: 'array',
      items: {
        type: 'object',
        required: ['href'],
        additionalProperties: false,
        properties: { href: webAddress, text },
      },
    },
  },
  if: { required: ['event_action'], properties: { event_action: { const: 'trigger' } } },
  then: { required: ['payload'] },
  else: { required: ['dedup_key'] },
} as const;
