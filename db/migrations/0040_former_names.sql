-- What was somebody's name or address before is erased with their account too, where it is written once: the activity log
-- and the providers' events. After `erase_person`, which closes the account; the former names go with it.
CREATE FUNCTION "erase_former_names"(p_user uuid, p_closed_email text, p_closed_name text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  person record;
  alone boolean;
  former record;
  pattern text;
  said text;
  event record;
BEGIN
  SELECT "organization_id" INTO person FROM "users" WHERE "id" = p_user AND "closed_at" IS NOT NULL;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the account of user % is not closed', p_user USING ERRCODE = 'restrict_violation';
  END IF;
  alone := NOT EXISTS (SELECT FROM "users" WHERE "organization_id" = person."organization_id" AND "id" <> p_user);
  PERFORM set_config('offshoot.erasing', 'yes', true);
  FOR former IN SELECT "kind", "word" FROM "former_names"
    WHERE "user_id" = p_user AND "word" <> '' AND (alone OR "kind" <> 'organization') LOOP
    pattern := "whole_words"(former."word");
    said := CASE WHEN former."kind" = 'email' THEN p_closed_email ELSE p_closed_name END;
    UPDATE "activity_log" SET "description" = regexp_replace("description", pattern, said, 'gi'),
        "before" = "erase_words"("before", pattern, said, false), "after" = "erase_words"("after", pattern, said, false)
      WHERE ("user_id" = p_user OR "subject_id" = p_user::text OR (alone AND "organization_id" = person."organization_id"))
        AND (concat_ws(' ', "description", "before"::text, "after"::text) ~* pattern
          OR position(to_json(former."word")::text in concat("before"::text, "after"::text)) > 0);
    CONTINUE WHEN former."kind" <> 'email';
    FOR event IN SELECT "id", "body" FROM "webhook_events" WHERE "body" ~* pattern LOOP
      BEGIN
        said := "erase_words"(event."body"::jsonb, pattern, p_closed_email, true)::text;
      EXCEPTION WHEN invalid_text_representation OR untranslatable_character THEN
        said := '{}';
      END;
      UPDATE "webhook_events" SET "body" = said WHERE "id" = event."id";
    END LOOP;
  END LOOP;
  DELETE FROM "former_names" WHERE "user_id" = p_user;
  PERFORM set_config('offshoot.erasing', '', true);
END $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION "erase_former_names" FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION "erase_former_names" TO "offshoot_app";
