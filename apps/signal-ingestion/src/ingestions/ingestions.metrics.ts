import { counterDefinition } from '@signalpress/observability';

/** Items that came in, by what became of them; `rule` is the rule that rejected it, or `none`. */
export const itemsTotal = counterDefinition({
  name: 'ingestion_items_total',
  help: 'Items that came in, by result (accepted, duplicate, rejected) and rule.',
  labels: ['result', 'rule'] as const,
});

/** Documents that were refused as a whole, by the code of the problem. */
export const documentsRefusedTotal = counterDefinition({
  name: 'ingestion_documents_refused_total',
  help: 'Feed documents and addresses that were refused as a whole, by problem.',
  labels: ['problem'] as const,
});
