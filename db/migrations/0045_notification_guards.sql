-- A mail that waits for a digest stands in one afterwards, and is mailed no other way.
INSERT INTO "state_transitions" ("entity", "from_state", "to_state") VALUES ('mails', 'DIGEST', 'OFF');
