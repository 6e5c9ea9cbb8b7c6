-- An admin may have an event processed again, whatever became of it: doing so twice changes nothing twice.
INSERT INTO "state_transitions" VALUES
  ('webhook_events', 'IGNORED', 'RECEIVED'), ('webhook_events', 'PROCESSED', 'RECEIVED')
  ON CONFLICT DO NOTHING;
