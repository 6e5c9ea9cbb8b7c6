-- Whoever closes their account is no longer named anywhere, and the rows that the books need stay. What is written once
-- is overwritten in a few columns, by one function, of one person, and only once they have closed their account.

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
DROP TRIGGER "tax_profiles_fixed" ON "tax_profiles";
--> statement-breakpoint
CREATE TRIGGER "tax_profiles_fixed" BEFORE UPDATE OF "sealed", "masked" ON "tax_profiles"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_but_erasure"();
--> statement-breakpoint
CREATE TRIGGER "tax_profiles_kept" BEFORE UPDATE OF "id", "user_id", "form", "country", "created_at" ON "tax_profiles"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
DROP TRIGGER "connected_accounts_fixed" ON "connected_accounts";
--> statement-breakpoint
CREATE TRIGGER "connected_accounts_fixed" BEFORE UPDATE OF "external_id" ON "connected_accounts"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_but_erasure"();
--> statement-breakpoint
CREATE TRIGGER "connected_accounts_kept" BEFORE UPDATE OF "id", "user_id", "provider", "mode", "created_at" ON "connected_accounts"
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
-- A code is often made of a name. Of one that is erased a digest is left (as long as a code may be, and with
-- an underscore, which none that is given has), so that nobody else ever gets it.
DROP TRIGGER "affiliate_codes_append_only" ON "affiliate_codes";
--> statement-breakpoint
CREATE TRIGGER "affiliate_codes_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "affiliate_codes"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_but_erasure"();
--> statement-breakpoint
CREATE TRIGGER "affiliate_codes_kept" BEFORE UPDATE OF "affiliate_id", "created_at" ON "affiliate_codes"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
CREATE FUNCTION "taken_code"(code text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN starts_with(code, 'taken_') THEN code ELSE 'taken_' || left(encode(sha256(convert_to(code, 'UTF8')), 'hex'), 58) END
$$;
--> statement-breakpoint
CREATE UNIQUE INDEX "affiliate_codes_taken" ON "affiliate_codes" ("taken_code"("code"));
--> statement-breakpoint
-- Words as a pattern that meets them whole only, whatever stands in them.
CREATE FUNCTION "whole_words"(word text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT '(?<![[:alnum:]._%+-])' || regexp_replace(word, '([^[:alnum:]])', '\\\1', 'g') || '(?![[:alnum:]_-]|\.[[:alnum:]])'
$$;
--> statement-breakpoint
-- Replaces words in every text of a JSON value, never in the names of its members. With `persons`, whatever stands under
-- a member that describes a person is taken out.
CREATE FUNCTION "erase_words"(doc jsonb, pattern text, said text, persons boolean) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  CASE jsonb_typeof(doc)
    WHEN 'string' THEN RETURN to_jsonb(regexp_replace(doc #>> '{}', pattern, said, 'gi'));
    WHEN 'array' THEN RETURN (SELECT coalesce(jsonb_agg("erase_words"(v, pattern, said, persons) ORDER BY i), '[]')
      FROM jsonb_array_elements(doc) WITH ORDINALITY e(v, i));
    WHEN 'object' THEN RETURN (SELECT coalesce(jsonb_object_agg(k, CASE WHEN persons AND k ~
        '(^|_)(email|phone|mobile|address|ip|first_name|last_name)$|^(billing|customer|shipping|sender|payer|recipient)_(details|name)$|^(shipping|sender|payer|recipient|individual|representative)$'
        THEN 'null' ELSE "erase_words"(v, pattern, said, persons) END), '{}')
      FROM jsonb_each(doc) e(k, v));
    ELSE RETURN doc;
  END CASE;
END $$;
--> statement-breakpoint
-- What is closed stays closed, so that nobody is erased twice.
CREATE TRIGGER "users_closed_for_good" BEFORE UPDATE OF "closed_at" ON "users" FOR EACH ROW
  WHEN (old."closed_at" IS NOT NULL AND new."closed_at" IS DISTINCT FROM old."closed_at") EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
-- Closes an account and puts a pseudonym in the place of its owner in what the application may not change: details and
-- documents of payouts, tax details that nobody has to keep, the activity log, and the providers' events about them. Call
-- it while names, address and orders are still as they were: whom to erase it reads itself, and only rows of theirs are
-- touched. p_methods: [{ "id", "sealed" (base64) }], details that lead nowhere. An affiliate's codes go
-- but for the one they have now: give them another before.
CREATE FUNCTION "erase_person"(
  p_user uuid, p_at timestamp with time zone, p_closed_email text, p_closed_name text, p_methods jsonb
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  person record;
  affiliate record;
  codes text[];
  alone boolean;
  names text[];
  refs text[];
  subjects text[];
  word text;
  pattern text;
  said text;
  event record;
BEGIN
  UPDATE "users" SET "closed_at" = p_at, "password_hash" = NULL
    WHERE "id" = p_user AND "closed_at" IS NULL AND "role" <> 'ADMIN'
    RETURNING "organization_id", "email", "first_name" || ' ' || "last_name" AS "name" INTO person;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the account of user % cannot be closed, or is closed already', p_user USING ERRCODE = 'restrict_violation';
  END IF;
  -- Who is alone in an organization gave it its name, and its rows are theirs.
  alone := NOT EXISTS (SELECT FROM "users" WHERE "organization_id" = person."organization_id" AND "id" <> p_user);
  names := array_remove(ARRAY[
    (SELECT "name" FROM "organizations" WHERE alone AND "id" = person."organization_id"), person."name"], NULL);
  refs := ARRAY(
    SELECT "checkout_ref" FROM "orders"
      WHERE "buyer_id" = p_user OR ("buyer_id" IS NULL AND "email" = person."email")
    UNION SELECT unnest(ARRAY["payment_intent_id", "charge_id", "invoice_id", "subscription_id"]) FROM "payments"
      WHERE "buyer_id" = p_user);
  SELECT "id", "code" INTO affiliate FROM "affiliates" WHERE "user_id" = p_user;
  codes := ARRAY(SELECT "code" FROM "affiliate_codes"
    WHERE "affiliate_id" = affiliate."id" AND "code" <> affiliate."code" AND NOT starts_with("code", 'taken_'));
  subjects := ARRAY(
    SELECT p_user::text
    UNION ALL SELECT "id"::text FROM "payout_methods" WHERE "user_id" = p_user
    UNION ALL SELECT "id"::text FROM "tax_profiles" WHERE "user_id" = p_user
    UNION ALL SELECT "id"::text FROM "withdrawals" WHERE "user_id" = p_user
    UNION ALL SELECT affiliate."id"::text
    UNION ALL SELECT "id"::text FROM "attribution_reviews" WHERE "affiliate_id" = affiliate."id");
  PERFORM set_config('offshoot.erasing', 'yes', true);
  UPDATE "attributions" SET "code" = affiliate."code" WHERE "code" = ANY (codes);
  UPDATE "orders" SET "referral_code" = affiliate."code" WHERE "referral_code" = ANY (codes);
  UPDATE "activity_log" SET
      "before" = CASE WHEN "before"->>'code' = ANY (codes) THEN "before" || jsonb_build_object('code', affiliate."code") ELSE "before" END,
      "after" = CASE WHEN "after"->>'code' = ANY (codes) THEN "after" || jsonb_build_object('code', affiliate."code") ELSE "after" END
    WHERE ("before"->>'code' = ANY (codes) OR "after"->>'code' = ANY (codes))
      AND (affiliate."id"::text IN ("subject_id", "before"->>'affiliateId', "after"->>'affiliateId'));
  UPDATE "affiliate_codes" SET "code" = "taken_code"("code") WHERE "code" = ANY (codes);
  UPDATE "payout_methods" p SET "sealed" = decode(m."sealed", 'base64'), "masked" = '•••'
    FROM jsonb_to_recordset(p_methods) AS m("id" uuid, "sealed" text) WHERE p."id" = m."id" AND p."user_id" = p_user;
  UPDATE "payout_documents" d SET "name" = 'erased', "sealed" = ''
    WHERE d."method_id" IN (SELECT p."id" FROM "payout_methods" p WHERE p."user_id" = p_user);
  UPDATE "tax_profiles" SET "masked" = '•••' WHERE "user_id" = p_user;
  -- The summary of a year reads what was on file when it ended, else the first given after; a payment may still come back.
  UPDATE "tax_profiles" SET "sealed" = '', "replaced_at" = coalesce("replaced_at", p_at)
    WHERE "user_id" = p_user AND "id" NOT IN (
      SELECT (SELECT p."id" FROM "tax_profiles" p WHERE p."user_id" = p_user
        ORDER BY p."created_at" < ends DESC, CASE WHEN p."created_at" < ends THEN p."created_at" END DESC, p."created_at",
          CASE WHEN p."created_at" < ends THEN p."replaced_at" END DESC, p."replaced_at" LIMIT 1)
      FROM (SELECT unnest(ARRAY[w."paid_at", w."updated_at", 'infinity']) AS moment FROM "withdrawals" w
        WHERE w."user_id" = p_user AND w."status" IN ('PAID', 'RETURNED')) m,
        LATERAL (SELECT (date_trunc('year', m.moment AT TIME ZONE 'UTC') + interval '1 year') AT TIME ZONE 'UTC' AS ends) y
      WHERE m.moment IS NOT NULL);
  UPDATE "connected_accounts" SET "external_id" = 'erased:' || "id", "payouts_enabled" = false WHERE "user_id" = p_user;
  UPDATE "activity_log" SET "before" = nullif("before", 'null') - '{masked,name,answer}'::text[],
      "after" = nullif("after", 'null') - '{masked,name,answer}'::text[]
    WHERE ("user_id" = p_user OR "subject_id" = ANY (subjects) OR (alone AND "organization_id" = person."organization_id"))
      AND ("before" ?| '{masked,name,answer}' OR "after" ?| '{masked,name,answer}');
  FOREACH word IN ARRAY names || person."email" LOOP
    CONTINUE WHEN word = '';
    pattern := "whole_words"(word);
    said := CASE WHEN word = person."email" THEN p_closed_email ELSE p_closed_name END;
    UPDATE "activity_log" SET "description" = regexp_replace("description", pattern, said, 'gi'),
        "before" = "erase_words"("before", pattern, said, false), "after" = "erase_words"("after", pattern, said, false)
      WHERE ("user_id" = p_user OR "subject_id" = ANY (subjects) OR (alone AND "organization_id" = person."organization_id"))
        AND (concat_ws(' ', "description", "before"::text, "after"::text) ~* pattern
          OR position(to_json(word)::text in concat("before"::text, "after"::text)) > 0);
  END LOOP;
  pattern := (SELECT string_agg("whole_words"(one), '|') FROM unnest(names || person."email") one WHERE one <> '');
  FOR event IN SELECT "id", "body" FROM "webhook_events" WHERE "body" ~* "whole_words"(person."email")
    OR EXISTS (SELECT FROM unnest(refs) ref WHERE length(ref) >= 8 AND position(ref in "body") > 0) LOOP
    BEGIN
      said := "erase_words"(event."body"::jsonb, pattern, p_closed_name, true)::text;
    EXCEPTION WHEN invalid_text_representation OR untranslatable_character THEN
      said := '{}';
    END;
    UPDATE "webhook_events" SET "body" = said WHERE "id" = event."id";
  END LOOP;
  PERFORM set_config('offshoot.erasing', '', true);
END $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION "erase_person" FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION "erase_person" TO "offshoot_app";
