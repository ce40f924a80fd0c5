import { describe, expect, it } from '@jest/globals';
import { eventCatalog } from '@signalpress/contracts';
import { listingCommandId, mockupsCommandId, skuFor } from './workflow.commands.js';

const ideaId = '5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1b01';
const target = eventCatalog['listings.requested'].schema.shape;

describe('names of commands', () => {
  it('tells attempts at mockups apart and listings by marketplace alone', () => {
    expect(mockupsCommandId(ideaId, 1)).not.toBe(mockupsCommandId(ideaId, 2));
    expect(listingCommandId(ideaId, 'storefront')).toBe(listingCommandId(ideaId, 'storefront'));
    expect(target.commandId.safeParse(listingCommandId(ideaId, 'storefront')).success).toBe(true);
    expect(target.commandId.safeParse(mockupsCommandId(ideaId, 1)).success).toBe(true);
  });
});

describe('skuFor', () => {
  it('is a valid SKU that shows the idea', () => {
    expect(skuFor(ideaId)).toBe('SP-5B1F5A0E-0F7C4E0C1B01-TS');
    expect(target.sku.safeParse(skuFor(ideaId)).success).toBe(true);
  });

  it('differs for ideas that begin alike', () => {
    expect(skuFor('5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1b02')).not.toBe(skuFor(ideaId));
  });
});
