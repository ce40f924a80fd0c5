import { describe, expect, it } from '@jest/globals';
import { html } from './html.js';
import { galleryHtml, goneHtml, listingHtml, priceText } from './storefront.pages.js';
import type { ShopListing } from './storefront.repository.js';

const listing: ShopListing = {
  id: '5b1f5a0e-6f0c-4b1e-9d35-0f7c4e0c1c01',
  position: '7',
  sku: 'SP-5B1F5A0E-TS',
  title: `<script>alert("x")</script> & 'friends'`,
  description: '<b>bold</b>\nsecond line',
  tags: ['"><img src=x onerror=alert(1)>'],
  product: 't-shirt',
  price_minor: 2_199,
  currency: 'EUR',
  image_hash: 'a'.repeat(64),
  published_at: new Date('2026-05-04T09:30:04.900Z'),
  views: 1,
  favourites: 0,
  sales: 1_234,
  flagged: false,
  taken_down: false,
};

describe('html', () => {
  it('escapes every value, and joins lists, but not markup', () => {
    const inner = html`<i>${'<&"\'>'}</i>`;
    expect(html`<p title="${'"'}">${[inner, 'a < b', 3]}${undefined}</p>`.text).toBe(
      '<p title="&quot;"><i>&lt;&amp;&quot;&#39;&gt;</i>a &lt; b3</p>',
    );
  });
});

describe('pages', () => {
  it.each([
    ['gallery', galleryHtml({ items: [listing], next: '7' }, true)],
    ['listing', listingHtml(listing, undefined)],
  ])('the %s shows what sellers write as text, never as markup', (_, page) => {
    expect(page).not.toMatch(/<script|<b>bold|<img src=x/);
    expect(page).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;friends&#39;');
  });

  it('link relatively, so that they work wherever a gateway puts them', () => {
    const pages = [galleryHtml({ items: [listing], next: '7' }, false), listingHtml(listing, 'buy'), goneHtml()];
    for (const page of pages) {
      const links = [...page.matchAll(/(?:href|src|action)="([^"]*)"/g)].map((match) => match[1]!);
      expect(links.length).toBeGreaterThan(2);
      for (const link of links) expect(link).not.toMatch(/^\/|^https?:/);
    }
    const at = (page: string): string => new URL(page, 'http://shop.example/storefront/listings/x').pathname;
    expect(at(/action="([^"]*\/buy)"/.exec(listingHtml(listing, undefined))![1]!)).toBe(
      `/storefront/listings/${listing.id}/buy`,
    );
  });

  it('say price and counts as people do', () => {
    const page = listingHtml(listing, 'favourite');
    for (const text of [
      '€21.99',
      '<b>1</b> view',
      '<b>0</b> favourites',
      '<b>1,234</b> sold',
      'Marked as a favourite',
    ]) {
      expect(page).toContain(text);
    }
    expect(priceText({ price_minor: 1_500, currency: 'JPY' })).toBe('¥1,500');
  });

  it('say of a flagged piece that it is under review', () => {
    const flagged = { ...listing, flagged: true };
    expect(listingHtml(listing, undefined)).not.toContain('Under review');
    expect(listingHtml(flagged, undefined)).toContain('Under review');
    expect(galleryHtml({ items: [listing], next: null }, true)).not.toContain('Under review');
    expect(galleryHtml({ items: [flagged], next: null }, true)).toContain('Under review');
  });

  it('say so when there is nothing yet', () => {
    expect(galleryHtml({ items: [], next: null }, true)).toContain('Nothing on the shelf yet');
    expect(galleryHtml({ items: [], next: null }, false)).toContain('That was everything');
  });
});
