-- Versions of the scoring weights, in ten-thousandths. The first row is what ideas were scored by when learning began.
CREATE TABLE weight_versions (
  version integer PRIMARY KEY CHECK (version >= 1),
  shares jsonb NOT NULL,
  -- Listed ideas that the step was learned from; 0 in the first row.
  samples integer NOT NULL CHECK (samples >= 0),
  -- Rank correlation of each factor with performance; null in the first row.
  correlations jsonb,
  -- SHA-256 of the samples, so that nothing is learned twice from the same.
  learned_from text,
  -- Domain time, as the event says it.
  updated_at timestamptz NOT NULL,
  -- Operational time, for the distance between two steps.
  recorded_at timestamptz NOT NULL DEFAULT now()
);
