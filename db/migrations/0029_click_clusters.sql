ALTER TABLE "click_rollup" ADD COLUMN "cluster" text;--> statement-breakpoint
ALTER TABLE "click_rollup" ADD COLUMN "shift" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
-- Where there are no clicks yet, nothing has to be counted anew.
UPDATE "click_rollup" SET "cluster" = (SELECT system_identifier::text FROM pg_control_system())
  WHERE NOT EXISTS (SELECT FROM "clicks");
--> statement-breakpoint
-- Takes the roll-up's lock, and makes sure that how far it is means something here: the numbers of transactions are of one
-- cluster, and a dump restored into another brings those of the old one. Then the days whose clicks are kept are counted
-- anew from the clicks themselves, and from now on every number is raised above all that came along. Clicks that are being
-- written meanwhile wait.
CREATE FUNCTION "begin_click_rollup"() RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  kept public.click_rollup;
  here text := (SELECT system_identifier::text FROM pg_control_system());
  days date[];
  raised bigint;
BEGIN
  SELECT * INTO kept FROM public.click_rollup WHERE id = 1 FOR UPDATE;
  IF kept.cluster IS NOT DISTINCT FROM here
    AND kept.upto <= pg_snapshot_xmax(pg_current_snapshot())::text::bigint + kept.shift THEN
    RETURN false;
  END IF;
  LOCK TABLE public.clicks IN SHARE ROW EXCLUSIVE MODE;
  SELECT coalesce(max(xid), 0) + 1, coalesce(array_agg(DISTINCT day), '{}') INTO raised, days FROM public.clicks;
  DELETE FROM public.click_quarters WHERE (quarter AT TIME ZONE 'UTC')::date = ANY (days);
  DELETE FROM public.click_days WHERE day = ANY (days);
  INSERT INTO public.click_quarters (affiliate_id, quarter, source, medium, campaign, landing_page, clicks)
    SELECT affiliate_id, date_bin('15 minutes', clicked_at, timestamptz '2000-01-01 00:00:00Z'), source, medium, campaign,
      landing_page, count(*)::integer
    FROM public.clicks GROUP BY 1, 2, 3, 4, 5, 6;
  INSERT INTO public.click_days (affiliate_id, day, source, medium, campaign, landing_page, clicks)
    SELECT affiliate_id, (quarter AT TIME ZONE 'UTC')::date, source, medium, campaign, landing_page, sum(clicks)
    FROM public.click_quarters WHERE (quarter AT TIME ZONE 'UTC')::date = ANY (days) GROUP BY 1, 2, 3, 4, 5, 6;
  UPDATE public.click_rollup SET cluster = here, shift = raised,
    upto = pg_snapshot_xmin(pg_current_snapshot())::text::bigint + raised WHERE id = 1;
  RETURN true;
END $$;
--> statement-breakpoint
-- As before, but a month goes only when all of it is rolled up, and how long clicks are kept is the programme's to say:
-- what is younger than two months by the database's own clock stays whatever it says.
CREATE OR REPLACE FUNCTION "keep_click_partitions"("today" date, "keep_from" date) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
  over date := least(keep_from, current_date - interval '2 months');
  month date;
  name text;
  old record;
  changed integer := 0;
  counted bigint;
  waiting boolean;
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
  -- Restored from another cluster, nothing is known to be rolled up before the roll-up has looked.
  SELECT upto INTO counted FROM public.click_rollup
    WHERE id = 1 AND cluster = (SELECT system_identifier::text FROM pg_control_system());
  counted := coalesce(counted, 0);
  FOR old IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'public.clicks'::regclass AND c.relname ~ '^clicks_[0-9]{6}$'
      AND to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month' <= over
  LOOP
    BEGIN
      EXECUTE format('LOCK TABLE public.%I IN ACCESS EXCLUSIVE MODE', old.relname);
      EXECUTE format('SELECT EXISTS (SELECT FROM public.%I WHERE xid >= $1)', old.relname) INTO waiting USING counted;
      IF NOT waiting THEN
        EXECUTE format('DROP TABLE public.%I', old.relname);
        changed := changed + 1;
      END IF;
    EXCEPTION WHEN lock_not_available THEN
      NULL;
    END;
  END LOOP;
  DELETE FROM public.clicks_other
    WHERE day < over AND day NOT IN (SELECT day FROM public.clicks_other WHERE xid >= counted);
  RETURN changed;
END $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION "begin_click_rollup" FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION "begin_click_rollup" TO "offshoot_app";
