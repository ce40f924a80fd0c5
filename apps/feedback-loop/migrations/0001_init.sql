-- The factors that an idea was scored by: what its performance is compared with later.
CREATE TABLE ideas (
  idea_id uuid PRIMARY KEY,
  revision integer NOT NULL,
  phrase text NOT NULL,
  score double precision NOT NULL,
  weights_version integer NOT NULL,
  scored_at timestamptz NOT NULL
);
CREATE INDEX ideas_by_age ON ideas (scored_at);

CREATE TABLE idea_factors (
  idea_id uuid NOT NULL REFERENCES ideas ON DELETE CASCADE,
  factor text NOT NULL,
  value double precision NOT NULL,
  weight double precision NOT NULL,
  contribution double precision NOT NULL,
  PRIMARY KEY (idea_id, factor)
);

-- The newest counts of each listing; they are cumulative, so nothing else is needed.
CREATE TABLE listings (
  marketplace text NOT NULL,
  listing_id text NOT NULL,
  idea_id uuid NOT NULL,
  views integer NOT NULL DEFAULT 0,
  favourites integer NOT NULL DEFAULT 0,
  sales integer NOT NULL DEFAULT 0,
  -- Null until it was observed for the first time.
  observed_at timestamptz,
  published_at timestamptz,
  PRIMARY KEY (marketplace, listing_id)
);
CREATE INDEX listings_of_idea ON listings (idea_id);

-- Apart from listings: a withdrawal names idea and marketplace, and may be heard of before the listing is.
CREATE TABLE withdrawals (
  idea_id uuid NOT NULL,
  marketplace text NOT NULL,
  withdrawn_at timestamptz NOT NULL,
  PRIMARY KEY (idea_id, marketplace)
);

-- Totals over all listings of an idea, as they were last told to the others.
CREATE TABLE performance (
  idea_id uuid PRIMARY KEY,
  views integer NOT NULL,
  favourites integer NOT NULL,
  sales integer NOT NULL,
  conversion double precision,
  observed_at timestamptz,
  updated_at timestamptz NOT NULL
);
CREATE INDEX performance_newest ON performance (updated_at DESC, idea_id DESC);
