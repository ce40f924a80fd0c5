-- Published listings that the marketplace does not show as they were published. A repaired listing has no row.
create table listing_drifts (
  listing uuid primary key references listings on delete cascade,
  -- What differs, as it was last told: [{kind, expected, actual}].
  drifts jsonb not null check (jsonb_typeof(drifts) = 'array' and drifts <> '[]'),
  -- Since when it differs at all; a further difference does not change it.
  since timestamptz not null,
  observed_at timestamptz not null
);
