-- What the marketplace itself does to a listing: marks it as under review, or takes it from the shelf.
alter table listings add column flagged boolean not null default false;
alter table listings add column taken_down boolean not null default false;
