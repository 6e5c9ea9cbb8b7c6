-- A ledger that proves itself: every row under a hash, stretches sealed for good, periods closed once their statement
-- was given out. Hand-written; each statement is separated for the migrator.

-- 1. The hash of every row -----------------------------------------------------------------------------------------
-- Over all columns, in a form in which no two different rows are the same bytes: numbers and times have their fixed
-- width, text is preceded by its length or followed by a zero byte, which no text contains. Each is written here once,
-- for posting and for the proof.
CREATE FUNCTION "ledger_account_hash"(p_id bigint, p_kind account_kind, p_user uuid, p_name text, p_currency text)
RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT sha256(int8send(p_id) || enum_send(p_kind) || '\x00'::bytea || convert_to(p_name, 'UTF8') || '\x00'::bytea
    || convert_to(p_currency, 'UTF8') || '\x00'::bytea || coalesce(uuid_send(p_user), '\x00'::bytea))
$$;
--> statement-breakpoint
-- What one entry moves. A transfer's fingerprint is that of all its entries, in the order of their ids.
CREATE FUNCTION "ledger_entry_bytes"(p_account bigint, p_amount bigint, p_line_type balance_transaction_type)
RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT int8send(p_account) || int8send(p_amount)
    || CASE WHEN p_line_type IS NULL THEN '\x00'::bytea ELSE enum_send(p_line_type) || '\x00'::bytea END
$$;
--> statement-breakpoint
CREATE FUNCTION "ledger_transfer_hash"(
  p_id bigint, p_key text, p_fingerprint bytea, p_kind text, p_currency text, p_reference_type text,
  p_reference_id text, p_notes text, p_created_at timestamptz
) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT sha256(array_send(ARRAY[octet_length(p_key), octet_length(p_kind), octet_length(p_currency),
      octet_length(p_reference_type), octet_length(p_reference_id), octet_length(p_notes)])
    || int8send(p_id) || timestamptz_send(p_created_at)
    || convert_to(p_key || p_kind || p_currency || p_reference_type || p_reference_id || p_notes, 'UTF8') || p_fingerprint)
$$;
--> statement-breakpoint
-- One link of the chain of a user's account, from the hash of the entry before, or the account's identity. What is not in
-- it follows from it: the count from its place in the chain, the balance before it from the entry before, the amount from
-- the two balances, the account from where the chain begins, and the rest from the transfer.
CREATE FUNCTION "ledger_entry_hash"(
  p_head bytea, p_transfer_hash bytea, p_id bigint, p_after bigint, p_created_at timestamptz,
  p_line_type balance_transaction_type
) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT sha256(p_head || p_transfer_hash || int8send(p_id) || int8send(p_after) || timestamptz_send(p_created_at)
    || CASE WHEN p_line_type IS NULL THEN ''::bytea ELSE enum_send(p_line_type) END)
$$;
--> statement-breakpoint
-- What an entry of the platform's accounts carries for a hash: all of it but the id is in its transfer's.
CREATE FUNCTION "ledger_entry_mark"(p_id bigint, p_transfer_hash bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT int8send(p_id) || p_transfer_hash $$;
--> statement-breakpoint
CREATE FUNCTION "ledger_hash_transfer"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  new."hash" := "ledger_transfer_hash"(new."id", new."idempotency_key", new."fingerprint", new."kind", new."currency",
    new."reference_type", new."reference_id", new."notes", new."created_at");
  RETURN new;
END $$;
--> statement-breakpoint
CREATE TRIGGER "ledger_transfers_hash" BEFORE INSERT ON "ledger_transfers"
  FOR EACH ROW EXECUTE FUNCTION "ledger_hash_transfer"();
--> statement-breakpoint
-- What counts as earned: commissions, what refunds took back, and what a dispute holds, releases or a failed refund
-- restores. An admin's adjustment and a withdrawal do not.
CREATE FUNCTION "ledger_earns"(p_line_type balance_transaction_type, p_reference_type text) RETURNS boolean
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT p_line_type IS NOT NULL AND (p_line_type IN ('COMMISSION', 'REFUND')
    OR p_line_type = 'ADJUSTMENT' AND p_reference_type = 'commission')
$$;
--> statement-breakpoint

-- 2. The rows that are there already ---------------------------------------------------------------------------------
ALTER TABLE "ledger_transfers" DISABLE TRIGGER USER;
--> statement-breakpoint
ALTER TABLE "ledger_entries" DISABLE TRIGGER USER;
--> statement-breakpoint
ALTER TABLE "ledger_accounts" DISABLE TRIGGER USER;
--> statement-breakpoint
-- A transfer altered before this day is not given a fresh hash that would hide it.
DO $$
DECLARE altered bigint;
BEGIN
  SELECT min("id") INTO altered FROM "ledger_transfers" WHERE "fingerprint" IS DISTINCT FROM "ledger_fingerprint"("id");
  IF altered IS NOT NULL THEN
    RAISE EXCEPTION 'transfer % is not what was posted: restore the ledger from a backup first', altered
      USING ERRCODE = 'data_corrupted';
  END IF;
END $$;
--> statement-breakpoint
UPDATE "ledger_accounts" SET "identity" = "ledger_account_hash"("id", "kind", "user_id", "name", "currency");
--> statement-breakpoint
CREATE TEMP TABLE "fingerprints_before" AS SELECT "id", "fingerprint" FROM "ledger_transfers";
--> statement-breakpoint
CREATE OR REPLACE FUNCTION "ledger_fingerprint"(p_transfer bigint) RETURNS bytea LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RETURN (SELECT coalesce(string_agg("ledger_entry_bytes"("account_id", "amount", "line_type"), '' ORDER BY "id"), '')
    FROM "ledger_entries" WHERE "transfer_id" = p_transfer);
END $$;
--> statement-breakpoint
UPDATE "ledger_transfers" SET "fingerprint" = "ledger_fingerprint"("id");
--> statement-breakpoint
UPDATE "ledger_transfers" SET "hash" = "ledger_transfer_hash"("id", "idempotency_key", "fingerprint", "kind", "currency",
  "reference_type", "reference_id", "notes", "created_at");
--> statement-breakpoint
-- Each chain is followed in its old form while the new one is written: nor is a line.
DO $$
DECLARE
  e record;
  account bigint; old_head bytea; new_head bytea;
BEGIN
  FOR e IN
    SELECT l.*, f."fingerprint", t."hash" AS "transfer_hash", a."identity"
    FROM "ledger_entries" l JOIN "ledger_transfers" t ON t."id" = l."transfer_id"
      JOIN "fingerprints_before" f ON f."id" = l."transfer_id" JOIN "ledger_accounts" a ON a."id" = l."account_id"
    WHERE l."seq" IS NOT NULL ORDER BY l."account_id", l."seq"
  LOOP
    IF account IS DISTINCT FROM e."account_id" THEN
      account := e."account_id"; old_head := ''; new_head := e."identity";
    END IF;
    old_head := "ledger_entry_hash"(old_head, e."fingerprint", e."transfer_id", e."account_id", e."amount",
      e."balance_after", e."seq", e."line_type", e."created_at");
    IF old_head IS DISTINCT FROM e."hash" THEN
      RAISE EXCEPTION 'entry % of account % does not continue its chain: restore the ledger from a backup first',
        e."id", e."account_id" USING ERRCODE = 'data_corrupted';
    END IF;
    new_head := "ledger_entry_hash"(new_head, e."transfer_hash", e."id", e."balance_after", e."created_at", e."line_type");
    UPDATE "ledger_entries" SET "hash" = new_head WHERE "id" = e."id";
  END LOOP;
END $$;
--> statement-breakpoint
DROP TABLE "fingerprints_before";
--> statement-breakpoint
UPDATE "ledger_entries" e SET "hash" = "ledger_entry_mark"(e."id", t."hash")
  FROM "ledger_transfers" t WHERE t."id" = e."transfer_id" AND e."seq" IS NULL;
--> statement-breakpoint
UPDATE "ledger_accounts" SET "head" = "identity" WHERE "version" = 0;
--> statement-breakpoint
UPDATE "ledger_accounts" a SET "head" = e."hash"
  FROM "ledger_entries" e WHERE e."account_id" = a."id" AND e."seq" = a."version";
--> statement-breakpoint
UPDATE "ledger_accounts" a SET "earned" = (SELECT coalesce(sum(e."amount"), 0)
    FROM "ledger_entries" e JOIN "ledger_transfers" t ON t."id" = e."transfer_id"
    WHERE e."account_id" = a."id" AND "ledger_earns"(e."line_type", t."reference_type"))
  WHERE a."kind" = 'available';
--> statement-breakpoint
ALTER TABLE "ledger_transfers" ENABLE TRIGGER USER;
--> statement-breakpoint
ALTER TABLE "ledger_entries" ENABLE TRIGGER USER;
--> statement-breakpoint
ALTER TABLE "ledger_accounts" ENABLE TRIGGER USER;
--> statement-breakpoint
ALTER TABLE "ledger_transfers" ALTER COLUMN "hash" SET NOT NULL;
--> statement-breakpoint
ALTER TABLE "ledger_entries" ALTER COLUMN "hash" SET NOT NULL;
--> statement-breakpoint
ALTER TABLE "ledger_accounts" ALTER COLUMN "identity" SET NOT NULL;
--> statement-breakpoint
ALTER TABLE "ledger_accounts" ADD CONSTRAINT "ledger_accounts_earned"
  CHECK (("ledger_accounts"."kind" = 'available') = ("ledger_accounts"."earned" is not null));
--> statement-breakpoint
ALTER TABLE "ledger_accounts" ADD CONSTRAINT "ledger_accounts_closed"
  CHECK ("ledger_accounts"."kind" = 'available' or "ledger_accounts"."closed_until" is null);
--> statement-breakpoint

-- 3. Posting ---------------------------------------------------------------------------------------------------------
-- As before, and: every entry is hashed, what was earned moves with the balance, and nothing is dated into a period
-- whose statement was given out.
CREATE OR REPLACE FUNCTION "ledger_apply_entry"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  a "ledger_accounts";
  t "ledger_transfers";
BEGIN
  SELECT * INTO t FROM "ledger_transfers" WHERE "id" = new."transfer_id";
  SELECT * INTO a FROM "ledger_accounts" WHERE "id" = new."account_id";
  IF a."user_id" IS NOT NULL THEN
    SELECT * INTO a FROM "ledger_accounts" WHERE "id" = new."account_id" FOR NO KEY UPDATE;
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
    new."balance_before" := NULL; new."balance_after" := NULL; new."seq" := NULL;
    new."hash" := "ledger_entry_mark"(new."id", t."hash");
  ELSE
    new."created_at" := greatest(t."created_at", a."closed_until", (SELECT e."created_at" FROM "ledger_entries" e
      WHERE e."account_id" = a."id" AND e."seq" = a."version"));
    new."balance_before" := a."balance";
    new."balance_after" := a."balance" + new."amount";
    new."seq" := a."version" + 1;
    new."hash" := "ledger_entry_hash"(a."head", t."hash", new."id", new."balance_after", new."created_at", new."line_type");
    UPDATE "ledger_accounts" SET "balance" = new."balance_after", "version" = new."seq", "head" = new."hash",
      "earned" = a."earned" + CASE WHEN "ledger_earns"(new."line_type", t."reference_type") THEN new."amount" ELSE 0 END
      WHERE "id" = a."id";
  END IF;
  RETURN new;
END $$;
--> statement-breakpoint
DROP FUNCTION "ledger_entry_hash"(bytea, bytea, bigint, bigint, bigint, bigint, bigint, balance_transaction_type, timestamptz);
--> statement-breakpoint
-- A running balance moves with an entry or not at all; a closed period only grows, and not beyond today.
CREATE OR REPLACE FUNCTION "ledger_guard_account"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF tg_op = 'INSERT' THEN
    IF (new."user_id" IS NULL AND (new."balance", new."version", new."head") IS DISTINCT FROM (NULL, NULL, NULL))
      OR (new."user_id" IS NOT NULL AND (new."balance", new."version", new."head") IS DISTINCT FROM (0, 0, ''::bytea))
      OR new."earned" <> 0 OR new."closed_until" IS NOT NULL THEN
      RAISE EXCEPTION 'an account begins at zero' USING ERRCODE = 'check_violation';
    END IF;
    new."identity" := "ledger_account_hash"(new."id", new."kind", new."user_id", new."name", new."currency");
    IF new."user_id" IS NOT NULL THEN new."head" := new."identity"; END IF;
    RETURN new;
  END IF;
  IF (new."id", new."kind", new."name", new."currency", new."identity")
      IS DISTINCT FROM (old."id", old."kind", old."name", old."currency", old."identity")
    OR new."user_id" IS DISTINCT FROM old."user_id" THEN
    RAISE EXCEPTION 'an account stays what it is' USING ERRCODE = 'restrict_violation';
  END IF;
  IF new."closed_until" IS DISTINCT FROM old."closed_until" THEN
    IF (new."balance", new."version", new."head", new."earned")
        IS DISTINCT FROM (old."balance", old."version", old."head", old."earned")
      OR new."closed_until" IS NULL OR new."closed_until" < old."closed_until"
      OR new."closed_until" > now() + interval '1 minute' THEN
      RAISE EXCEPTION 'a period is closed once it is over, and for good' USING ERRCODE = 'restrict_violation';
    END IF;
  ELSIF pg_trigger_depth() < 2 THEN
    RAISE EXCEPTION 'a balance is changed by posting an entry only' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN new;
END $$;
--> statement-breakpoint
-- Whose account, by what names it. Two ways to look, for an index finds "no user" only when asked for that. In PL/pgSQL,
-- which keeps its plans from one call to the next.
CREATE FUNCTION "ledger_account_id"(p_kind account_kind, p_user uuid, p_name text, p_currency text) RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  IF p_user IS NULL THEN
    RETURN (SELECT "id" FROM "ledger_accounts"
      WHERE "kind" = p_kind AND "user_id" IS NULL AND "name" = p_name AND "currency" = p_currency);
  END IF;
  RETURN (SELECT "id" FROM "ledger_accounts"
    WHERE "kind" = p_kind AND "user_id" = p_user AND "name" = p_name AND "currency" = p_currency);
END $$;
--> statement-breakpoint
-- Entries come all at once, as the transfer's fingerprint says, or not at all: looked up by their keys, one transfer after
-- the other, for a join could be planned before anything is known of the tables and then read all of them.
CREATE OR REPLACE FUNCTION "ledger_check_entries"() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
  posted bigint; expected bytea;
BEGIN
  FOR posted IN SELECT DISTINCT n."transfer_id" FROM nt n LOOP
    SELECT t."fingerprint" INTO expected FROM "ledger_transfers" t WHERE t."id" = posted;
    IF expected IS DISTINCT FROM "ledger_fingerprint"(posted) THEN
      RAISE EXCEPTION 'entries are not those their transfer was posted with'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entries_complete';
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
--> statement-breakpoint
ALTER FUNCTION "ledger_check_zero_sum"() SET enable_seqscan = off;
--> statement-breakpoint
-- The one door, as before. The transaction has its number before it draws the transfer's: a transaction whose number
-- is higher than another's ever was can tell that all transfers up to an id it saw are of transactions before it.
-- Every row is found by a key: a plan made while the tables were small and kept, as in one long transaction, stays right.
CREATE OR REPLACE FUNCTION "ledger_post"(
  p_key text, p_kind text, p_currency text, p_reference_type text, p_reference_id text, p_notes text,
  p_created_at timestamptz, p_entries jsonb,
  OUT "transfer_id" bigint, OUT "replayed" boolean
) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
  fp bytea; missing boolean;
  accounts bigint[]; amounts bigint[]; types balance_transaction_type[];
  known "ledger_transfers";
BEGIN
  LOOP
    SELECT coalesce(string_agg("ledger_entry_bytes"(e."account", e."amount", e."line_type"), ''), ''),
        bool_or(e."account" IS NULL), array_agg(e."account"), array_agg(e."amount"), array_agg(e."line_type")
      INTO fp, missing, accounts, amounts, types
      FROM (SELECT "ledger_account_id"(j."kind", j."user_id", coalesce(j."name", ''), p_currency) AS "account", j."amount", j."line_type"
        FROM jsonb_to_recordset(p_entries) AS j("kind" account_kind, "user_id" uuid, "name" text, "amount" bigint,
          "line_type" balance_transaction_type)
        ORDER BY 1, 2, 3) e;
    EXIT WHEN missing IS NOT TRUE;
    INSERT INTO "ledger_accounts" ("kind", "user_id", "name", "currency", "balance", "version", "head", "earned")
      SELECT DISTINCT j."kind"::account_kind, j."user_id", coalesce(j."name", ''), p_currency,
        CASE WHEN j."user_id" IS NULL THEN NULL ELSE 0 END,
        CASE WHEN j."user_id" IS NULL THEN NULL ELSE 0 END,
        CASE WHEN j."user_id" IS NULL THEN NULL ELSE ''::bytea END,
        CASE WHEN j."kind" = 'available' THEN 0 END
      FROM jsonb_to_recordset(p_entries) AS j("kind" text, "user_id" uuid, "name" text)
      WHERE "ledger_account_id"(j."kind"::account_kind, j."user_id", coalesce(j."name", ''), p_currency) IS NULL
      ORDER BY 1, 2, 3
      ON CONFLICT ON CONSTRAINT "ledger_accounts_identity" DO NOTHING;
  END LOOP;
  PERFORM pg_current_xact_id();
  INSERT INTO "ledger_transfers"
    ("idempotency_key", "fingerprint", "kind", "currency", "reference_type", "reference_id", "notes", "created_at")
  VALUES (p_key, fp, p_kind, p_currency, p_reference_type, p_reference_id, p_notes, p_created_at)
  ON CONFLICT ("idempotency_key") DO NOTHING RETURNING "id" INTO transfer_id;
  IF transfer_id IS NOT NULL THEN
    replayed := false;
    INSERT INTO "ledger_entries" ("transfer_id", "account_id", "currency", "amount", "line_type", "created_at")
      SELECT transfer_id, e."account", p_currency, e."amount", e."line_type", p_created_at
      FROM unnest(accounts, amounts, types) WITH ORDINALITY AS e("account", "amount", "line_type", "n") ORDER BY e."n";
    RETURN;
  END IF;
  SELECT * INTO known FROM "ledger_transfers" WHERE "idempotency_key" = p_key;
  IF (known."kind", known."currency"::text, known."reference_type", known."reference_id", known."notes")
      IS DISTINCT FROM (p_kind, p_currency, p_reference_type, p_reference_id, p_notes)
    -- Entries of an earlier version may stand in another order.
    OR known."fingerprint" IS DISTINCT FROM fp AND fp IS DISTINCT FROM (
      SELECT string_agg("ledger_entry_bytes"(e."account_id", e."amount", e."line_type"), ''
        ORDER BY e."account_id", e."amount", e."line_type") FROM "ledger_entries" e WHERE e."transfer_id" = known."id") THEN
    RAISE EXCEPTION 'idempotency key % was used for another posting', p_key USING ERRCODE = 'OF409';
  END IF;
  transfer_id := known."id"; replayed := true;
END $$;
--> statement-breakpoint

-- 4. Closing a period -----------------------------------------------------------------------------------------------
-- Waits for postings under way on the user's available account; what is posted afterwards is dated `p_until` or later.
-- Returns up to when the account is closed. Until the end of the transaction nobody else posts to it, so a statement
-- read after the call, in the same transaction, is complete.
CREATE FUNCTION "ledger_close_period"(p_user uuid, p_currency text, p_until timestamptz) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  account bigint; closed timestamptz;
BEGIN
  -- Somebody's first commission could still be dated into the period: an account that is not there yet is made.
  INSERT INTO "ledger_accounts" ("kind", "user_id", "currency", "balance", "version", "head", "earned")
    SELECT 'available', p_user, p_currency, 0, 0, '', 0
    WHERE "ledger_account_id"('available', p_user, '', p_currency) IS NULL
    ON CONFLICT ON CONSTRAINT "ledger_accounts_identity" DO NOTHING;
  SELECT "id", "closed_until" INTO account, closed FROM "ledger_accounts"
    WHERE "id" = "ledger_account_id"('available', p_user, '', p_currency) FOR NO KEY UPDATE;
  IF p_until IS NULL OR p_until > now() + interval '1 minute' THEN
    RAISE EXCEPTION 'a period that is not over is not closed' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF closed IS NULL OR closed < p_until THEN
    UPDATE "ledger_accounts" SET "closed_until" = p_until WHERE "id" = account RETURNING "closed_until" INTO closed;
  END IF;
  RETURN closed;
END $$;
--> statement-breakpoint
CREATE TRIGGER "issued_statements_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "issued_statements"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "ledger_proofs_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_proofs"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint

-- 5. Seals -----------------------------------------------------------------------------------------------------------
-- The rows after one transfer and up to another: how many, and a digest of their hashes, each transfer's followed by its
-- entries', in the order of their ids, and then of what the platform's accounts they are on are. What a user's account is
-- its chain begins with.
CREATE FUNCTION "ledger_digest"(p_from bigint, p_upto bigint, OUT "transfers" bigint, OUT "entries" bigint, OUT "digest" bytea)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT count(*), coalesce(sum(e.n), 0)::bigint,
    sha256(coalesce(string_agg(t."hash" || coalesce(e.hashes, ''), '' ORDER BY t."id"), '')
      || coalesce((SELECT string_agg(a."identity", '' ORDER BY a."id") FROM "ledger_accounts" a
        WHERE a."user_id" IS NULL AND a."id" IN (SELECT l."account_id" FROM "ledger_entries" l
          WHERE l."transfer_id" > p_from AND l."transfer_id" <= p_upto AND l."seq" IS NULL)), ''))
  FROM "ledger_transfers" t LEFT JOIN (
    SELECT "transfer_id", count(*) n, string_agg("hash", '' ORDER BY "id") hashes FROM "ledger_entries"
    WHERE "transfer_id" > p_from AND "transfer_id" <= p_upto GROUP BY "transfer_id") e ON e."transfer_id" = t."id"
  WHERE t."id" > p_from AND t."id" <= p_upto
$$;
--> statement-breakpoint
CREATE FUNCTION "ledger_seal_hash"(
  p_before bytea, p_no bigint, p_from bigint, p_upto bigint, p_transfers bigint, p_entries bigint, p_digest bytea,
  p_sealed_at timestamptz
) RETURNS bytea LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT sha256(p_before || int8send(p_no) || int8send(p_from) || int8send(p_upto) || int8send(p_transfers)
    || int8send(p_entries) || p_digest || timestamptz_send(p_sealed_at))
$$;
--> statement-breakpoint
-- One step: makes the seal the proposal speaks of, once nothing can be added to its stretch any more, then proposes the
-- next. No sale waits for it.
--
-- Why nothing can be added: a posting's transaction has its number before it draws the transfer's id (ledger_post). The
-- proposal reads the highest id, then draws a number of its own: every id up to there was drawn by a transaction with a
-- lower number. When all transactions with a lower number have ended, the stretch is what it will ever be.
-- (pg_snapshot_xmax does not do as that number: transactions beyond it may be running already.)
--
-- After pg_restore the server counts its transactions anew. A proposal from beyond the present number is made again; one
-- from below is ripe at once, and rightly so: whatever was under way when the dump was made is not in it.
CREATE FUNCTION "ledger_seal"(p_now timestamptz, OUT "sealed_no" bigint, OUT "proposed_upto" bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  proposal "ledger_seal_proposal";
  last "ledger_seals";
  n_transfers bigint; n_entries bigint; digest bytea;
  highest bigint; own bigint;
BEGIN
  -- Two at once: one works, the other has nothing to do.
  IF NOT pg_try_advisory_xact_lock(hashtextextended('offshoot:ledger-seal', 0)) THEN RETURN; END IF;
  SELECT * INTO last FROM "ledger_seals" ORDER BY "no" DESC LIMIT 1;
  SELECT * INTO proposal FROM "ledger_seal_proposal";

  IF proposal."xmax_then" <= pg_snapshot_xmin(pg_current_snapshot())::text::bigint
    AND proposal."upto_transfer_id" > coalesce(last."upto_transfer_id", 0) THEN
    SELECT * INTO n_transfers, n_entries, digest
      FROM "ledger_digest"(coalesce(last."upto_transfer_id", 0), proposal."upto_transfer_id");
    INSERT INTO "ledger_seals" ("no", "from_transfer_id", "upto_transfer_id", "transfers", "entries", "hash", "sealed_at")
      VALUES (coalesce(last."no", 0) + 1, coalesce(last."upto_transfer_id", 0), proposal."upto_transfer_id", n_transfers,
        n_entries, "ledger_seal_hash"(coalesce(last."hash", ''), coalesce(last."no", 0) + 1,
          coalesce(last."upto_transfer_id", 0), proposal."upto_transfer_id", n_transfers, n_entries, digest,
          p_now::timestamptz(3)), p_now)
      RETURNING * INTO last;
    INSERT INTO "ledger_snapshots" ("seal_no", "account_id", "balance", "entries")
      SELECT last."no", "account_id", sum("balance"), sum("entries") FROM (
        SELECT "account_id", "balance", "entries" FROM "ledger_snapshots" WHERE "seal_no" = last."no" - 1
        UNION ALL
        SELECT e."account_id", sum(e."amount"), count(*)
        FROM "ledger_entries" e JOIN "ledger_accounts" a ON a."id" = e."account_id" AND a."user_id" IS NULL
        WHERE e."transfer_id" > last."from_transfer_id" AND e."transfer_id" <= last."upto_transfer_id"
        GROUP BY e."account_id") moved
      GROUP BY "account_id";
    sealed_no := last."no";
    DELETE FROM "ledger_seal_proposal";
    proposal := NULL;
  END IF;

  -- The number of a transaction as such may be older than this call; that of one nested in it is drawn here and now.
  IF proposal."one" IS NULL OR proposal."xmax_then" > pg_current_xact_id()::text::bigint
    OR proposal."upto_transfer_id" <= coalesce(last."upto_transfer_id", 0) THEN
    DELETE FROM "ledger_seal_proposal";
    SELECT max("id") INTO highest FROM "ledger_transfers";
    IF highest > coalesce(last."upto_transfer_id", 0) THEN
      proposed_upto := least(highest, coalesce(last."upto_transfer_id", 0) + 250000);
      BEGIN
        INSERT INTO "ledger_seal_proposal" ("upto_transfer_id", "xmax_then", "proposed_at") VALUES (proposed_upto, 0, p_now);
      EXCEPTION WHEN serialization_failure THEN RAISE;
      END;
      SELECT pg_current_xact_id()::text::bigint INTO own;
      UPDATE "ledger_seal_proposal" SET "xmax_then" = own
        + ((("xmin"::text::bigint - own) % 4294967296) + 4294967296) % 4294967296;
    END IF;
  END IF;
END $$;
--> statement-breakpoint
CREATE TRIGGER "ledger_seals_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_seals"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
CREATE TRIGGER "ledger_snapshots_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_snapshots"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint

-- 6. Who may ---------------------------------------------------------------------------------------------------------
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON "ledger_seals", "ledger_snapshots", "ledger_seal_proposal" FROM "offshoot_app";
--> statement-breakpoint
REVOKE UPDATE, DELETE, TRUNCATE ON "ledger_proofs", "issued_statements" FROM "offshoot_app";
--> statement-breakpoint
REVOKE ALL ON FUNCTION "ledger_close_period", "ledger_seal" FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION "ledger_close_period", "ledger_seal" TO "offshoot_app";
