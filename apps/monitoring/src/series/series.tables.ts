/** A time series' rows. Times are the events' own, or the sample's. */
export interface SeriesTables {
  publish_latency: {
    time: Date;
    idea_id: string;
    /** Source of the founding signal; `unknown` until that signal is heard of. */
    source: string;
    marketplace: string;
    latency_seconds: number;
    held_seconds: number;
    within_sla: boolean;
  };
  stage_durations: { time: Date; idea_id: string; stage: string; seconds: number };
  queue_lengths: {
    time: Date;
    topic: string;
    consumer_group: string;
    length: number;
    oldest_age_seconds: number | null;
  };
  resource_usage: {
    time: Date;
    service: string;
    /** Cores in use since the sample before; null without one. */
    cpu_cores: number | null;
    resident_memory_bytes: number | null;
    heap_used_bytes: number | null;
    event_loop_lag_seconds: number | null;
    up: boolean;
  };
  idea_scores: {
    time: Date;
    idea_id: string;
    source: string;
    revision: number;
    score: number;
    weights_version: number;
  };
  factor_scores: { time: Date; idea_id: string; factor: string; value: number; weight: number };
  decisions: { time: Date; idea_id: string; decision: string; rule: string; decided_by: string };
  weight_history: { time: Date; version: number; factor: string; weight: number; samples: number };
  idea_performance: {
    time: Date;
    idea_id: string;
    views: number;
    favourites: number;
    sales: number;
    conversion: number | null;
  };
  listing_syncs: {
    time: Date;
    marketplace: string;
    idea_id: string;
    listing_id: string;
    drifts: number;
    kinds: string[];
  };
}
