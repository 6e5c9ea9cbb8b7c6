-- What the tables alone cannot promise: rows that are written once, money that adds up, states that only move
-- forward, pages that point at something. Hand-written; each statement is separated for the migrator.

-- Foreign keys between files of the schema that know each other the other way round.
ALTER TABLE "workspace_clones" ADD CONSTRAINT "workspace_clones_payment" FOREIGN KEY ("payment_id") REFERENCES "payments"("id");
--> statement-breakpoint
ALTER TABLE "commissions" ADD CONSTRAINT "commissions_payment" FOREIGN KEY ("payment_id") REFERENCES "payments"("id");
--> statement-breakpoint

-- 1. Append-only tables --------------------------------------------------------------------------------------------
CREATE FUNCTION "refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', tg_table_name, tg_op USING ERRCODE = 'restrict_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER "ledger_transfers_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_transfers"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "ledger_entries_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_entries"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "ledger_accounts_kept" BEFORE DELETE OR TRUNCATE ON "ledger_accounts"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "activity_log_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "activity_log"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "page_contents_immutable" BEFORE UPDATE OF "hash", "body", "bytes" ON "page_contents"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint

-- 2. The ledger ----------------------------------------------------------------------------------------------------
-- One link of an account's chain; the proof computes it again from the stored rows.
CREATE FUNCTION "ledger_entry_hash"(
  p_head bytea, p_fingerprint bytea, p_transfer bigint, p_account bigint, p_amount bigint, p_balance_after bigint,
  p_seq bigint, p_line_type balance_transaction_type, p_created_at timestamptz
) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(p_head || p_fingerprint || int8send(p_transfer) || int8send(p_account) || int8send(p_amount)
    || int8send(p_balance_after) || int8send(p_seq) || convert_to(coalesce(p_line_type::text, ''), 'UTF8')
    || int8send((extract(epoch from p_created_at) * 1000)::bigint))
$$;
--> statement-breakpoint
-- What a transfer was asked to be, in one form whatever the order and spelling of its entries, computed from its rows:
-- an entry added, altered or missing no longer fits it, nor does another reference or note.
CREATE FUNCTION "ledger_fingerprint"(p_transfer bigint) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(convert_to(jsonb_build_array(t."kind", t."currency", t."reference_type", t."reference_id", t."notes",
    (SELECT jsonb_agg(jsonb_build_array(a."kind", a."user_id", a."name", e."amount", e."line_type")
       ORDER BY a."kind", a."user_id", a."name" COLLATE "C", e."amount", e."line_type")
     FROM "ledger_entries" e JOIN "ledger_accounts" a ON a."id" = e."account_id" WHERE e."transfer_id" = t."id")
    )::text, 'UTF8'))
  FROM "ledger_transfers" t WHERE t."id" = p_transfer
$$;
--> statement-breakpoint
-- An entry of a user's account takes that account's lock, moves its running balance and extends its hash chain,
-- whoever inserts it: no caller can say what the balance was. The lock comes first, so that the order of the chain is
-- the order of the times too, though a transfer that began earlier may get the lock later.
CREATE FUNCTION "ledger_apply_entry"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  a "ledger_accounts";
  t "ledger_transfers";
BEGIN
  SELECT * INTO t FROM "ledger_transfers" WHERE "id" = new."transfer_id";
  SELECT * INTO a FROM "ledger_accounts" WHERE "id" = new."account_id" AND "user_id" IS NOT NULL FOR NO KEY UPDATE;
  IF a."id" IS NULL THEN
    SELECT * INTO a FROM "ledger_accounts" WHERE "id" = new."account_id";
  END IF;
  IF t."id" IS NULL OR a."id" IS NULL THEN
    RAISE EXCEPTION 'entry without transfer or account' USING ERRCODE = 'foreign_key_violation';
  END IF;
  IF new."currency" IS DISTINCT FROM a."currency" OR new."currency" IS DISTINCT FROM t."currency" THEN
    RAISE EXCEPTION 'entry in % on an account in % of a transfer in %', new."currency", a."currency", t."currency"
      USING ERRCODE = 'check_violation';
  END IF;
  IF (new."line_type" IS NOT NULL) IS DISTINCT FROM (a."kind" = 'available') THEN
    RAISE EXCEPTION 'a statement line belongs to an available account' USING ERRCODE = 'check_violation';
  END IF;
  IF a."user_id" IS NULL THEN
    new."created_at" := t."created_at";
    new."balance_before" := NULL; new."balance_after" := NULL; new."seq" := NULL; new."hash" := NULL;
    RETURN new;
  END IF;
  new."created_at" := greatest(t."created_at", (SELECT e."created_at" FROM "ledger_entries" e
    WHERE e."account_id" = a."id" AND e."seq" = a."version"));
  new."balance_before" := a."balance";
  new."balance_after" := a."balance" + new."amount";
  new."seq" := a."version" + 1;
  new."hash" := "ledger_entry_hash"(a."head", t."fingerprint", t."id", a."id", new."amount", new."balance_after",
    new."seq", new."line_type", new."created_at");
  UPDATE "ledger_accounts" SET "balance" = new."balance_after", "version" = new."seq", "head" = new."hash"
    WHERE "id" = a."id";
  RETURN new;
END $$;
--> statement-breakpoint
CREATE TRIGGER "ledger_entries_apply" BEFORE INSERT ON "ledger_entries"
  FOR EACH ROW EXECUTE FUNCTION "ledger_apply_entry"();
--> statement-breakpoint
-- A running balance moves with an entry or not at all.
CREATE FUNCTION "ledger_guard_account"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF tg_op = 'INSERT' THEN
    IF (new."user_id" IS NULL AND (new."balance", new."version", new."head") IS DISTINCT FROM (NULL, NULL, NULL))
      OR (new."user_id" IS NOT NULL AND (new."balance", new."version", new."head") IS DISTINCT FROM (0, 0, ''::bytea)) THEN
      RAISE EXCEPTION 'an account begins at zero' USING ERRCODE = 'check_violation';
    END IF;
    RETURN new;
  END IF;
  IF pg_trigger_depth() < 2
    OR (new."id", new."kind", new."name", new."currency") IS DISTINCT FROM (old."id", old."kind", old."name", old."currency")
    OR new."user_id" IS DISTINCT FROM old."user_id" THEN
    RAISE EXCEPTION 'a balance is changed by posting an entry only' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN new;
END $$;
--> statement-breakpoint
CREATE TRIGGER "ledger_accounts_guard" BEFORE INSERT OR UPDATE ON "ledger_accounts"
  FOR EACH ROW EXECUTE FUNCTION "ledger_guard_account"();
--> statement-breakpoint
-- A transfer balances, in one currency, when the transaction that wrote it ends.
CREATE FUNCTION "ledger_check_zero_sum"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  n int; total numeric; currencies int;
BEGIN
  SELECT count(*), coalesce(sum("amount"), 0), count(DISTINCT "currency") INTO n, total, currencies
    FROM "ledger_entries" WHERE "transfer_id" = new."id";
  IF n < 2 OR total <> 0 OR currencies <> 1 THEN
    RAISE EXCEPTION 'transfer % does not balance: % entries, sum %, % currencies', new."id", n, total, currencies
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfers_balance';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "ledger_transfers_balance" AFTER INSERT ON "ledger_transfers"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "ledger_check_zero_sum"();
--> statement-breakpoint
-- Entries come all at once, as the transfer's fingerprint says, or not at all: none can be added to an old transfer,
-- not even two that cancel each other out.
CREATE FUNCTION "ledger_check_entries"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM "ledger_transfers" t WHERE t."id" IN (SELECT n."transfer_id" FROM nt n)
             AND t."fingerprint" IS DISTINCT FROM "ledger_fingerprint"(t."id")) THEN
    RAISE EXCEPTION 'entries are not those their transfer was posted with'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entries_complete';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "ledger_entries_complete" AFTER INSERT ON "ledger_entries" REFERENCING NEW TABLE AS nt
  FOR EACH STATEMENT EXECUTE FUNCTION "ledger_check_entries"();
--> statement-breakpoint
-- The one door. p_entries: [{ "kind", "user_id"?, "name"?, "amount", "line_type"? }, …], amounts in minor units.
-- Posting a key again returns the first transfer and changes nothing; the same key with other contents is refused
-- (SQLSTATE OF409). Locks are taken in the order of account ids.
CREATE FUNCTION "ledger_post"(
  p_key text, p_kind text, p_currency text, p_reference_type text, p_reference_id text, p_notes text,
  p_created_at timestamptz, p_entries jsonb,
  OUT "transfer_id" bigint, OUT "replayed" boolean
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  -- The same form as ledger_fingerprint, from what is asked for.
  fp bytea := sha256(convert_to(jsonb_build_array(p_kind, p_currency, p_reference_type, p_reference_id, p_notes,
    (SELECT jsonb_agg(jsonb_build_array(e."kind", e."user_id", coalesce(e."name", ''), e."amount", e."line_type")
       ORDER BY e."kind", e."user_id", coalesce(e."name", '') COLLATE "C", e."amount", e."line_type")
     FROM jsonb_to_recordset(p_entries) AS e("kind" account_kind, "user_id" uuid, "name" text, "amount" bigint,
       "line_type" balance_transaction_type)))::text, 'UTF8'));
  known "ledger_transfers";
BEGIN
  INSERT INTO "ledger_transfers"
    ("idempotency_key", "fingerprint", "kind", "currency", "reference_type", "reference_id", "notes", "created_at")
  VALUES (p_key, fp, p_kind, p_currency, p_reference_type, p_reference_id, p_notes, p_created_at)
  ON CONFLICT ("idempotency_key") DO NOTHING RETURNING "id" INTO transfer_id;
  IF transfer_id IS NULL THEN
    SELECT * INTO known FROM "ledger_transfers" WHERE "idempotency_key" = p_key;
    IF known."fingerprint" IS DISTINCT FROM fp THEN
      RAISE EXCEPTION 'idempotency key % was used for another posting', p_key USING ERRCODE = 'OF409';
    END IF;
    transfer_id := known."id"; replayed := true;
    RETURN;
  END IF;
  replayed := false;
  INSERT INTO "ledger_accounts" ("kind", "user_id", "name", "currency", "balance", "version", "head")
    SELECT DISTINCT e."kind"::account_kind, e."user_id", coalesce(e."name", ''), p_currency,
      CASE WHEN e."user_id" IS NULL THEN NULL ELSE 0 END,
      CASE WHEN e."user_id" IS NULL THEN NULL ELSE 0 END,
      CASE WHEN e."user_id" IS NULL THEN NULL ELSE ''::bytea END
    FROM jsonb_to_recordset(p_entries) AS e("kind" text, "user_id" uuid, "name" text)
    WHERE NOT EXISTS (SELECT FROM "ledger_accounts" a
      WHERE a."kind" = e."kind"::account_kind AND a."user_id" IS NOT DISTINCT FROM e."user_id"
        AND a."name" = coalesce(e."name", '') AND a."currency" = p_currency)
    ORDER BY 1, 2, 3
    ON CONFLICT ON CONSTRAINT "ledger_accounts_identity" DO NOTHING;
  INSERT INTO "ledger_entries" ("transfer_id", "account_id", "currency", "amount", "line_type", "created_at")
    SELECT transfer_id, a."id", p_currency, e."amount", e."line_type"::balance_transaction_type, p_created_at
    FROM jsonb_to_recordset(p_entries)
      AS e("kind" text, "user_id" uuid, "name" text, "amount" bigint, "line_type" text)
    JOIN "ledger_accounts" a ON a."kind" = e."kind"::account_kind
      AND a."user_id" IS NOT DISTINCT FROM e."user_id" AND a."name" = coalesce(e."name", '')
      AND a."currency" = p_currency
    ORDER BY a."id";
END $$;
--> statement-breakpoint

-- 3. States: one table of what may follow what, asked by the database too ---------------------------------------------
CREATE TABLE "state_transitions" (
  "entity" text NOT NULL, "from_state" text NOT NULL, "to_state" text NOT NULL,
  PRIMARY KEY ("entity", "from_state", "to_state"));
--> statement-breakpoint
INSERT INTO "state_transitions" VALUES
  ('orders', 'OPEN', 'PAID'), ('orders', 'OPEN', 'FULFILLED'), ('orders', 'OPEN', 'EXPIRED'), ('orders', 'OPEN', 'FAILED'),
  ('orders', 'PAID', 'FULFILLED'), ('orders', 'PAID', 'FAILED'),
  ('orders', 'EXPIRED', 'PAID'), ('orders', 'EXPIRED', 'FULFILLED'),
  ('orders', 'FAILED', 'PAID'), ('orders', 'FAILED', 'FULFILLED'),
  ('payments', 'PENDING', 'CAPTURED'), ('payments', 'PENDING', 'FAILED'),
  ('payments', 'CAPTURED', 'PARTIALLY_REFUNDED'), ('payments', 'CAPTURED', 'REFUNDED'), ('payments', 'CAPTURED', 'DISPUTED'),
  ('payments', 'PARTIALLY_REFUNDED', 'CAPTURED'), ('payments', 'PARTIALLY_REFUNDED', 'REFUNDED'), ('payments', 'PARTIALLY_REFUNDED', 'DISPUTED'),
  ('payments', 'REFUNDED', 'CAPTURED'), ('payments', 'REFUNDED', 'PARTIALLY_REFUNDED'),
  ('payments', 'DISPUTED', 'CAPTURED'), ('payments', 'DISPUTED', 'PARTIALLY_REFUNDED'), ('payments', 'DISPUTED', 'REFUNDED'),
  ('workspaces', 'ACTIVE', 'FROZEN'), ('workspaces', 'ACTIVE', 'ARCHIVED'), ('workspaces', 'ACTIVE', 'DELETED'),
  ('workspaces', 'FROZEN', 'ACTIVE'), ('workspaces', 'FROZEN', 'DELETED'),
  ('workspaces', 'ARCHIVED', 'ACTIVE'), ('workspaces', 'ARCHIVED', 'DELETED'),
  ('affiliate_links', 'ACTIVE', 'REVOKED'), ('affiliate_links', 'ACTIVE', 'EXPIRED'), ('affiliate_links', 'ACTIVE', 'EXHAUSTED'),
  ('affiliate_links', 'EXPIRED', 'REVOKED'), ('affiliate_links', 'EXHAUSTED', 'REVOKED'),
  ('commissions', 'PENDING', 'CREDITED'), ('commissions', 'PENDING', 'PARTIALLY_REVERSED'), ('commissions', 'PENDING', 'REVERSED'),
  ('commissions', 'CREDITED', 'PARTIALLY_REVERSED'), ('commissions', 'CREDITED', 'REVERSED'),
  ('commissions', 'PARTIALLY_REVERSED', 'CREDITED'), ('commissions', 'PARTIALLY_REVERSED', 'REVERSED'), ('commissions', 'PARTIALLY_REVERSED', 'PENDING'),
  ('commissions', 'REVERSED', 'CREDITED'), ('commissions', 'REVERSED', 'PARTIALLY_REVERSED'), ('commissions', 'REVERSED', 'PENDING'),
  ('webhook_events', 'RECEIVED', 'PROCESSED'), ('webhook_events', 'RECEIVED', 'IGNORED'), ('webhook_events', 'RECEIVED', 'QUARANTINED'), ('webhook_events', 'RECEIVED', 'DEAD'),
  ('webhook_events', 'DEAD', 'RECEIVED'), ('webhook_events', 'QUARANTINED', 'RECEIVED'),
  ('mails', 'QUEUED', 'SENT'), ('mails', 'QUEUED', 'DEAD'), ('mails', 'DEAD', 'QUEUED');
--> statement-breakpoint
CREATE FUNCTION "check_transition"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM "state_transitions" WHERE "entity" = tg_table_name
    AND "from_state" = old."status"::text AND "to_state" = new."status"::text) THEN
    RAISE EXCEPTION '% may not go from % to %', tg_table_name, old."status", new."status" USING ERRCODE = 'check_violation';
  END IF;
  RETURN new;
END $$;
--> statement-breakpoint
CREATE TRIGGER "orders_transition" BEFORE UPDATE OF "status" ON "orders"
  FOR EACH ROW WHEN (old."status" IS DISTINCT FROM new."status") EXECUTE FUNCTION "check_transition"();
--> statement-breakpoint
CREATE TRIGGER "payments_transition" BEFORE UPDATE OF "status" ON "payments"
  FOR EACH ROW WHEN (old."status" IS DISTINCT FROM new."status") EXECUTE FUNCTION "check_transition"();
--> statement-breakpoint
CREATE TRIGGER "workspaces_transition" BEFORE UPDATE OF "status" ON "workspaces"
  FOR EACH ROW WHEN (old."status" IS DISTINCT FROM new."status") EXECUTE FUNCTION "check_transition"();
--> statement-breakpoint
CREATE TRIGGER "affiliate_links_transition" BEFORE UPDATE OF "status" ON "affiliate_links"
  FOR EACH ROW WHEN (old."status" IS DISTINCT FROM new."status") EXECUTE FUNCTION "check_transition"();
--> statement-breakpoint
CREATE TRIGGER "commissions_transition" BEFORE UPDATE OF "status" ON "commissions"
  FOR EACH ROW WHEN (old."status" IS DISTINCT FROM new."status") EXECUTE FUNCTION "check_transition"();
--> statement-breakpoint
CREATE TRIGGER "webhook_events_transition" BEFORE UPDATE OF "status" ON "webhook_events"
  FOR EACH ROW WHEN (old."status" IS DISTINCT FROM new."status") EXECUTE FUNCTION "check_transition"();
--> statement-breakpoint
CREATE TRIGGER "mails_transition" BEFORE UPDATE OF "status" ON "mails"
  FOR EACH ROW WHEN (old."status" IS DISTINCT FROM new."status") EXECUTE FUNCTION "check_transition"();
--> statement-breakpoint

-- 4. Pages: funnel and content exist, asked once per statement --------------------------------------------------------
-- The funnels are locked for key share (a few rows), so that none is deleted under its new pages.
CREATE FUNCTION "pages_check"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM "funnels" f JOIN (SELECT DISTINCT "workspace_id", "funnel_no" FROM nt) n USING ("workspace_id", "funnel_no")
    ORDER BY f."workspace_id", f."funnel_no" FOR KEY SHARE OF f;
  IF EXISTS (SELECT FROM (SELECT DISTINCT "workspace_id", "funnel_no" FROM nt) n
             LEFT JOIN "funnels" f USING ("workspace_id", "funnel_no") WHERE f."slug" IS NULL)
  OR EXISTS (SELECT FROM (SELECT DISTINCT "content_hash" FROM nt) n
             LEFT JOIN "page_contents" c ON c."hash" = n."content_hash" WHERE c."hash" IS NULL) THEN
    RAISE EXCEPTION 'page without funnel or content' USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "pages_check_insert" AFTER INSERT ON "pages" REFERENCING NEW TABLE AS nt
  FOR EACH STATEMENT EXECUTE FUNCTION "pages_check"();
--> statement-breakpoint
CREATE TRIGGER "pages_check_update" AFTER UPDATE ON "pages" REFERENCING NEW TABLE AS nt
  FOR EACH STATEMENT EXECUTE FUNCTION "pages_check"();
--> statement-breakpoint
-- Without a foreign key, a funnel's end is its pages' end.
CREATE FUNCTION "funnels_delete_pages"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM "pages" p USING ot WHERE p."workspace_id" = ot."workspace_id" AND p."funnel_no" = ot."funnel_no";
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER "funnels_delete_pages" AFTER DELETE ON "funnels" REFERENCING OLD TABLE AS ot
  FOR EACH STATEMENT EXECUTE FUNCTION "funnels_delete_pages"();
--> statement-breakpoint

-- 5. Slugs ---------------------------------------------------------------------------------------------------------
-- The next free slug of a base: base, base-1, base-2, … A candidate another transaction is just taking is passed
-- over instead of waited for, so two clones of one name get two slugs and nobody waits for anybody.
CREATE FUNCTION "take_workspace_slug"(p_base text, OUT "slug" text, OUT "slug_no" int) LANGUAGE plpgsql AS $$
BEGIN
  SELECT coalesce(max(w."slug_no") + 1, 0) INTO slug_no FROM "workspaces" w WHERE w."slug_base" = p_base;
  LOOP
    slug := CASE slug_no WHEN 0 THEN p_base ELSE p_base || '-' || slug_no END;
    IF pg_try_advisory_xact_lock(hashtextextended('workspace-slug:' || slug, 0))
      AND NOT EXISTS (SELECT FROM "workspaces" w WHERE w."slug" = take_workspace_slug.slug)
      AND NOT EXISTS (SELECT FROM "workspaces" w WHERE w."slug_base" = p_base AND w."slug_no" = take_workspace_slug.slug_no)
    THEN RETURN; END IF;
    slug_no := slug_no + 1;
  END LOOP;
END $$;
--> statement-breakpoint

-- 6. The application's own role ------------------------------------------------------------------------------------
-- It reads and writes the tables of the product; ledger rows it can only add, and only through ledger_post.
-- From PostgreSQL 16 on, whoever makes a role is its member without the right to become it: that is granted too.
DO $$
DECLARE
  version int := current_setting('server_version_num')::int;
  may_become boolean;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'offshoot_app') THEN
    BEGIN
      CREATE ROLE "offshoot_app" NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END;
  END IF;
  EXECUTE format('SELECT pg_has_role(current_user, ''offshoot_app'', %L)',
    CASE WHEN version >= 160000 THEN 'SET' ELSE 'MEMBER' END) INTO may_become;
  IF NOT may_become THEN
    EXECUTE format('GRANT "offshoot_app" TO %I %s', current_user, CASE WHEN version >= 160000 THEN 'WITH SET TRUE' ELSE '' END);
  END IF;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE EXCEPTION 'the role offshoot_app is missing: let an administrator of the server run: CREATE ROLE offshoot_app NOLOGIN; GRANT offshoot_app TO %;', quote_ident(current_user)
    USING ERRCODE = 'insufficient_privilege';
END $$;
--> statement-breakpoint
GRANT USAGE ON SCHEMA public TO "offshoot_app";
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "offshoot_app";
--> statement-breakpoint
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO "offshoot_app";
--> statement-breakpoint
-- Tables of later migrations too; what is not for the application is taken away where it is made.
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "offshoot_app";
--> statement-breakpoint
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO "offshoot_app";
--> statement-breakpoint
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON "ledger_accounts", "ledger_transfers", "ledger_entries" FROM "offshoot_app";
--> statement-breakpoint
REVOKE UPDATE, DELETE, TRUNCATE ON "activity_log" FROM "offshoot_app";
--> statement-breakpoint
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON "state_transitions" FROM "offshoot_app";
--> statement-breakpoint
REVOKE ALL ON FUNCTION "ledger_post" FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION "ledger_post" TO "offshoot_app";
