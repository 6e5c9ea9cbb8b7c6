CREATE TABLE "click_days" (
	"affiliate_id" uuid NOT NULL,
	"day" date NOT NULL,
	"source" text NOT NULL,
	"medium" text NOT NULL,
	"campaign" text NOT NULL,
	"landing_page" text NOT NULL,
	"clicks" bigint NOT NULL,
	CONSTRAINT "click_days_affiliate_id_day_source_medium_campaign_landing_page_pk" PRIMARY KEY("affiliate_id","day","source","medium","campaign","landing_page")
);
--> statement-breakpoint
CREATE TABLE "click_quarters" (
	"affiliate_id" uuid NOT NULL,
	"quarter" timestamp (3) with time zone NOT NULL,
	"source" text NOT NULL,
	"medium" text NOT NULL,
	"campaign" text NOT NULL,
	"landing_page" text NOT NULL,
	"clicks" integer NOT NULL,
	CONSTRAINT "click_quarters_affiliate_id_quarter_source_medium_campaign_landing_page_pk" PRIMARY KEY("affiliate_id","quarter","source","medium","campaign","landing_page")
);
--> statement-breakpoint
CREATE TABLE "click_rollup" (
	"id" integer PRIMARY KEY NOT NULL,
	"upto" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "clicks" (
	"day" date NOT NULL,
	"affiliate_id" uuid NOT NULL,
	"visitor" bytea NOT NULL,
	"clicked_at" timestamp (3) with time zone NOT NULL,
	"source" text NOT NULL,
	"medium" text NOT NULL,
	"campaign" text NOT NULL,
	"landing_page" text NOT NULL,
	"paid_search" boolean DEFAULT false NOT NULL,
	"xid" bigint DEFAULT pg_current_xact_id()::text::bigint NOT NULL,
	CONSTRAINT "clicks_day_affiliate_id_visitor_pk" PRIMARY KEY("day","affiliate_id","visitor")
) PARTITION BY RANGE ("day");
--> statement-breakpoint
DROP INDEX "attributions_affiliate";--> statement-breakpoint
ALTER TABLE "attributions" ADD COLUMN "clicked_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "attributions" ADD COLUMN "code" text;--> statement-breakpoint
ALTER TABLE "attributions" ADD COLUMN "origin" jsonb;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "referral_origin" jsonb;--> statement-breakpoint
ALTER TABLE "clicks" ADD CONSTRAINT "clicks_affiliate_id_affiliates_id_fk" FOREIGN KEY ("affiliate_id") REFERENCES "public"."affiliates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "clicks_recent" ON "clicks" USING btree ("affiliate_id","xid");--> statement-breakpoint
CREATE INDEX "clicks_xid" ON "clicks" USING brin ("xid") WITH (pages_per_range=16,autosummarize=true);--> statement-breakpoint
CREATE INDEX "attributions_affiliate" ON "attributions" USING btree ("affiliate_id","created_at");--> statement-breakpoint
-- What no month's partition takes is kept all the same.
CREATE TABLE "clicks_other" PARTITION OF "clicks" DEFAULT;
--> statement-breakpoint
INSERT INTO "click_rollup" VALUES (1, pg_snapshot_xmin(pg_current_snapshot())::text::bigint);
--> statement-breakpoint
-- Makes the partitions of this month and the three after it, and drops those whose last day is before `keep_from`, but
-- never what is younger than two years by the database's own clock. The application may not make or drop tables, so this
-- runs as their owner. A partition that is busy is left for the next time.
CREATE FUNCTION "keep_click_partitions"("today" date, "keep_from" date) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
  over date := least(keep_from, current_date - interval '24 months');
  month date;
  name text;
  old record;
  changed integer := 0;
BEGIN
  -- One at a time: two that make the same partition would fail.
  PERFORM pg_advisory_xact_lock(hashtextextended('click_partitions', 0));
  FOR i IN 0..3 LOOP
    month := (date_trunc('month', today) + make_interval(months => i))::date;
    name := 'clicks_' || to_char(month, 'YYYYMM');
    CONTINUE WHEN to_regclass('public.' || quote_ident(name)) IS NOT NULL
      OR EXISTS (SELECT FROM public.clicks_other WHERE day >= month AND day < month + interval '1 month');
    EXECUTE format('CREATE TABLE public.%I PARTITION OF public.clicks FOR VALUES FROM (%L) TO (%L)',
      name, month, (month + interval '1 month')::date);
    -- What new tables grant of themselves is more than the whole table does.
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON public.%I FROM offshoot_app', name);
    changed := changed + 1;
  END LOOP;
  FOR old IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'public.clicks'::regclass AND c.relname ~ '^clicks_[0-9]{6}$'
      AND to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month' <= over
  LOOP
    BEGIN
      EXECUTE format('DROP TABLE public.%I', old.relname);
      changed := changed + 1;
    EXCEPTION WHEN lock_not_available THEN
      NULL;
    END;
  END LOOP;
  DELETE FROM public.clicks_other WHERE day < over;
  RETURN changed;
END $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION "keep_click_partitions" FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION "keep_click_partitions" TO "offshoot_app";
--> statement-breakpoint
SELECT "keep_click_partitions"(current_date, '1970-01-01');
--> statement-breakpoint
REVOKE UPDATE, DELETE, TRUNCATE ON "clicks", "clicks_other" FROM "offshoot_app";
--> statement-breakpoint
REVOKE DELETE, TRUNCATE ON "click_rollup" FROM "offshoot_app";
