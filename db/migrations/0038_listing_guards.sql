-- What a listing may become, what of it never changes, and what it is sorted into. Hand-written.
INSERT INTO "listing_categories" ("key", "name", "position") VALUES
  ('business', 'Business and agencies', 1), ('coaching', 'Coaching and consulting', 2), ('courses', 'Courses and education', 3),
  ('ecommerce', 'Shops and products', 4), ('software', 'Software and apps', 5), ('events', 'Events and webinars', 6),
  ('food', 'Restaurants and food', 7), ('health', 'Health and fitness', 8), ('real-estate', 'Real estate', 9),
  ('local', 'Local services', 10), ('nonprofit', 'Non-profits and communities', 11), ('personal', 'Personal and portfolio', 12),
  ('other', 'Everything else', 13);
--> statement-breakpoint
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON "listing_categories" FROM "offshoot_app";
--> statement-breakpoint
INSERT INTO "state_transitions" VALUES
  ('listings', 'DRAFT', 'SUBMITTED'), ('listings', 'DRAFT', 'SUSPENDED'),
  ('listings', 'SUBMITTED', 'DRAFT'), ('listings', 'SUBMITTED', 'LIVE'), ('listings', 'SUBMITTED', 'REJECTED'), ('listings', 'SUBMITTED', 'SUSPENDED'),
  ('listings', 'REJECTED', 'SUBMITTED'), ('listings', 'REJECTED', 'SUSPENDED'),
  ('listings', 'LIVE', 'SUBMITTED'), ('listings', 'LIVE', 'PAUSED'), ('listings', 'LIVE', 'SUSPENDED'),
  ('listings', 'PAUSED', 'LIVE'), ('listings', 'PAUSED', 'DRAFT'), ('listings', 'PAUSED', 'SUSPENDED'),
  ('listings', 'SUSPENDED', 'SUBMITTED'), ('listings', 'SUSPENDED', 'LIVE');
--> statement-breakpoint
CREATE TRIGGER "listings_transition" BEFORE UPDATE OF "status" ON "listings"
  FOR EACH ROW WHEN (old."status" IS DISTINCT FROM new."status") EXECUTE FUNCTION "check_transition"();
--> statement-breakpoint
CREATE TRIGGER "listings_kept" BEFORE UPDATE OF "id", "slug", "seller_id", "workspace_id", "commission_percentage", "created_at" ON "listings"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
-- What was ever public may have been bought: it stays.
CREATE FUNCTION "keep_published_listing"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'listing % was published and stays', old."id" USING ERRCODE = 'restrict_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER "listings_published_kept" BEFORE DELETE ON "listings"
  FOR EACH ROW WHEN (old."published_at" IS NOT NULL) EXECUTE FUNCTION "keep_published_listing"();
--> statement-breakpoint
ALTER TABLE "workspace_clones" ADD CONSTRAINT "workspace_clones_listing_id_fk" FOREIGN KEY ("listing_id") REFERENCES "listings" ("id");
