-- Whoever closes their account is no longer named anywhere, and the rows that the books need stay. What is written once
-- is overwritten in two columns of it, by one function, of one person, and only once they have closed their account.

-- The guards let that function pass: it runs as the owner of the table and says so for its own statements alone. The
-- application's role is not the owner, so what it says counts for nothing.
CREATE FUNCTION "refuse_change_but_erasure"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF tg_op = 'UPDATE' AND current_setting('offshoot.erasing', true) = 'yes'
    AND current_user = (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = tg_relid) THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION '% is append-only: % refused', tg_table_name, tg_op USING ERRCODE = 'restrict_violation';
END $$;
--> statement-breakpoint
DROP TRIGGER "payout_methods_fixed" ON "payout_methods";
--> statement-breakpoint
CREATE TRIGGER "payout_methods_fixed" BEFORE UPDATE OF "sealed", "masked" ON "payout_methods"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_but_erasure"();
--> statement-breakpoint
CREATE TRIGGER "payout_methods_kept" BEFORE UPDATE OF "id", "user_id", "kind", "hold_until", "created_at" ON "payout_methods"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
DROP TRIGGER "payout_documents_append_only" ON "payout_documents";
--> statement-breakpoint
CREATE TRIGGER "payout_documents_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "payout_documents"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_but_erasure"();
--> statement-breakpoint
CREATE TRIGGER "payout_documents_kept" BEFORE UPDATE OF "id", "method_id", "media_type", "bytes", "created_at" ON "payout_documents"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
DROP TRIGGER "activity_log_append_only" ON "activity_log";
--> statement-breakpoint
CREATE TRIGGER "activity_log_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "activity_log"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_but_erasure"();
--> statement-breakpoint
CREATE TRIGGER "activity_log_kept" BEFORE UPDATE OF "id", "organization_id", "user_id", "actor_kind", "action", "subject_type", "subject_id", "created_at" ON "activity_log"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
-- Replaces what named a person by their pseudonym in what the application may not change: details and documents of
-- payouts, the activity log, and the providers' events that give their e-mail address.
-- p_names: their own and their organization's. p_methods: [{ "id", "sealed" (base64) }], details that lead nowhere.
CREATE FUNCTION "erase_person"(
  p_user uuid, p_email text, p_names text[], p_closed_email text, p_closed_name text, p_methods jsonb
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  organization uuid;
  email text := regexp_replace(p_email, '([^[:alnum:]])', '\\\1', 'g');
  word text;
  pattern text;
  said text;
BEGIN
  SELECT "organization_id" INTO organization FROM "users" WHERE "id" = p_user AND "closed_at" IS NOT NULL;
  IF organization IS NULL THEN
    RAISE EXCEPTION 'the account of user % is not closed', p_user USING ERRCODE = 'restrict_violation';
  END IF;
  PERFORM set_config('offshoot.erasing', 'yes', true);
  UPDATE "payout_methods" p SET "sealed" = decode(m."sealed", 'base64'), "masked" = '•••'
    FROM jsonb_to_recordset(p_methods) AS m("id" uuid, "sealed" text) WHERE p."id" = m."id" AND p."user_id" = p_user;
  UPDATE "payout_documents" d SET "name" = 'erased', "sealed" = ''
    WHERE d."method_id" IN (SELECT p."id" FROM "payout_methods" p WHERE p."user_id" = p_user);
  UPDATE "activity_log" SET "before" = nullif("before", 'null') - '{masked,name}'::text[],
      "after" = nullif("after", 'null') - '{masked,name}'::text[]
    WHERE ("user_id" = p_user OR "organization_id" = organization)
      AND ("before" ?| '{masked,name}' OR "after" ?| '{masked,name}');
  -- The address last, for the events are found by it.
  FOREACH word IN ARRAY p_names || p_email LOOP
    pattern := regexp_replace(word, '([^[:alnum:]])', '\\\1', 'g');
    said := CASE WHEN word = p_email THEN p_closed_email ELSE p_closed_name END;
    UPDATE "activity_log" SET "description" = regexp_replace("description", pattern, said, 'gi'),
        "before" = regexp_replace("before"::text, pattern, said, 'gi')::jsonb,
        "after" = regexp_replace("after"::text, pattern, said, 'gi')::jsonb
      WHERE concat_ws(' ', "description", "before"::text, "after"::text) ~* pattern
        AND ("user_id" = p_user OR "organization_id" = organization OR "subject_id" = p_user::text OR word = p_email);
    UPDATE "webhook_events" SET "body" = regexp_replace("body", pattern, said, 'gi') WHERE "body" ~* email;
  END LOOP;
  PERFORM set_config('offshoot.erasing', '', true);
END $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION "erase_person" FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION "erase_person" TO "offshoot_app";
