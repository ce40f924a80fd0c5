-- What is or was broken, who knows of it, and what PagerDuty was told.
CREATE TABLE incidents (
  incident_id uuid PRIMARY KEY,
  dedup_key text NOT NULL CHECK (length(dedup_key) BETWEEN 1 AND 255),
  condition text NOT NULL CHECK (condition IN ('publish-latency', 'stuck-ideas', 'queue-backlog', 'listing-sync')),
  -- Which part of the platform, for a condition that several can break at once.
  subject text,
  severity text NOT NULL CHECK (severity IN ('critical', 'error', 'warning', 'info')),
  state text NOT NULL CHECK (state IN ('open', 'acknowledged', 'resolved')),
  -- As of the last check that found it broken.
  summary text NOT NULL CHECK (length(summary) BETWEEN 1 AND 1024),
  figures jsonb NOT NULL,
  opened_at timestamptz NOT NULL,
  -- A condition that breaks again soon after it was resolved opens the same incident again.
  openings integer NOT NULL DEFAULT 1 CHECK (openings >= 1),
  reopened_at timestamptz,
  -- Whether the present opening was told to anybody, and to PagerDuty.
  announced boolean NOT NULL,
  paged boolean NOT NULL DEFAULT false,
  -- An opening before this instant is not announced.
  quiet_until timestamptz,
  -- Checks in a row that found the condition to hold.
  good_checks integer NOT NULL DEFAULT 0,
  checked_at timestamptz NOT NULL,
  acknowledged_at timestamptz,
  acknowledged_by text,
  acknowledged_note text,
  resolved_at timestamptz,
  resolution text,
  CHECK ((state = 'resolved') = (resolved_at IS NOT NULL)),
  CHECK ((state = 'acknowledged') <= (acknowledged_by IS NOT NULL))
);
CREATE UNIQUE INDEX incidents_one_at_a_time ON incidents (dedup_key) WHERE state <> 'resolved';
CREATE INDEX incidents_of_key ON incidents (dedup_key, resolved_at);
CREATE INDEX incidents_by_opening ON incidents (opened_at DESC, incident_id DESC);
CREATE INDEX incidents_by_resolution ON incidents (resolved_at) WHERE resolved_at IS NOT NULL;

CREATE TABLE incident_changes (
  change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  incident_id uuid NOT NULL REFERENCES incidents ON DELETE CASCADE,
  change text NOT NULL CHECK (change IN ('opened', 'reopened', 'announced', 'acknowledged', 'resolved')),
  at timestamptz NOT NULL,
  -- A person, or `monitoring`.
  by text NOT NULL,
  note text
);
CREATE INDEX incident_changes_of_incident ON incident_changes (incident_id, change_id);

-- In the order in which PagerDuty is to hear of them; the routing key is in none of them. Times are those of the database.
CREATE TABLE incident_notifications (
  notification_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  incident_id uuid NOT NULL REFERENCES incidents ON DELETE CASCADE,
  dedup_key text NOT NULL,
  opening integer NOT NULL,
  action text NOT NULL CHECK (action IN ('trigger', 'acknowledge', 'resolve')),
  body jsonb NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'rejected', 'expired', 'skipped')),
  attempts integer NOT NULL DEFAULT 0,
  last_error text,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  deadline timestamptz NOT NULL,
  last_attempt_at timestamptz,
  finished_at timestamptz,
  UNIQUE (incident_id, opening, action),
  CHECK ((state = 'waiting') = (finished_at IS NULL))
);
CREATE INDEX incident_notifications_waiting ON incident_notifications (dedup_key, notification_id) WHERE state = 'waiting';

-- What is broken now, for dashboards.
CREATE VIEW open_incidents AS
SELECT opened_at AS time, incident_id, condition, subject, dedup_key, severity, state, summary, opened_at, reopened_at, openings,
  acknowledged_at, acknowledged_by
FROM incidents
WHERE state <> 'resolved';
