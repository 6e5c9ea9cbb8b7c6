-- What a release is and stays, and how contents that nothing points at are found.

-- 1. A fingerprint of all that a copy takes over: equal for a workspace, for a release made of it, and for a copy ---------
CREATE FUNCTION "workspace_fingerprint"(p_id bigint) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT sha256(convert_to(concat_ws(E'\n',
    (SELECT 'w' || jsonb_build_array(w."name", w."description", w."image", strip_secrets(w."settings"))::text
      FROM "workspaces" w WHERE w."id" = p_id),
    (SELECT string_agg('r' || jsonb_build_array(r."role_no", r."name", r."permissions")::text, E'\n' ORDER BY r."role_no")
      FROM "role_templates" r WHERE r."workspace_id" = p_id),
    (SELECT string_agg('t' || jsonb_build_array(t."theme_no", t."key", t."name", t."tokens")::text, E'\n' ORDER BY t."theme_no")
      FROM "themes" t WHERE t."workspace_id" = p_id),
    (SELECT string_agg('f' || jsonb_build_array(f."funnel_no", f."position", f."name", f."slug", f."status", f."theme_no",
        f."global_theme_key", strip_secrets(f."settings"))::text, E'\n' ORDER BY f."funnel_no")
      FROM "funnels" f WHERE f."workspace_id" = p_id),
    (SELECT string_agg('p' || p."page_no" || ' ' || p."funnel_no" || ' ' || p."position" || ' ' || p."type" || ' '
        || encode(p."content_hash", 'hex') || ' ' || to_json(p."name") || to_json(p."slug") || p."seo"::text, E'\n' ORDER BY p."page_no")
      FROM "pages" p WHERE p."workspace_id" = p_id)), 'UTF8'))
$$;
--> statement-breakpoint

-- 2. A release does not change ----------------------------------------------------------------------------------------
CREATE TRIGGER "workspace_releases_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "workspace_releases"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
CREATE FUNCTION "keep_release"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a release does not change' USING ERRCODE = 'restrict_violation';
END $$;
--> statement-breakpoint
CREATE TRIGGER "workspaces_release_fixed" BEFORE UPDATE OR DELETE ON "workspaces"
  FOR EACH ROW WHEN (old."status"::text = 'RELEASE') EXECUTE FUNCTION "keep_release"();
--> statement-breakpoint
CREATE FUNCTION "keep_release_rows"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM (SELECT DISTINCT "workspace_id" FROM ot) o
             JOIN "workspaces" w ON w."id" = o."workspace_id" WHERE w."status"::text = 'RELEASE') THEN
    RAISE EXCEPTION 'a release does not change' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN null;
END $$;
--> statement-breakpoint
CREATE TRIGGER "pages_release_fixed" AFTER UPDATE ON "pages" REFERENCING OLD TABLE AS ot
  FOR EACH STATEMENT EXECUTE FUNCTION "keep_release_rows"();
--> statement-breakpoint
CREATE TRIGGER "pages_release_kept" AFTER DELETE ON "pages" REFERENCING OLD TABLE AS ot
  FOR EACH STATEMENT EXECUTE FUNCTION "keep_release_rows"();
--> statement-breakpoint
CREATE TRIGGER "funnels_release_fixed" AFTER UPDATE ON "funnels" REFERENCING OLD TABLE AS ot
  FOR EACH STATEMENT EXECUTE FUNCTION "keep_release_rows"();
--> statement-breakpoint
CREATE TRIGGER "funnels_release_kept" AFTER DELETE ON "funnels" REFERENCING OLD TABLE AS ot
  FOR EACH STATEMENT EXECUTE FUNCTION "keep_release_rows"();
--> statement-breakpoint
CREATE TRIGGER "themes_release_fixed" AFTER UPDATE ON "themes" REFERENCING OLD TABLE AS ot
  FOR EACH STATEMENT EXECUTE FUNCTION "keep_release_rows"();
--> statement-breakpoint
CREATE TRIGGER "themes_release_kept" AFTER DELETE ON "themes" REFERENCING OLD TABLE AS ot
  FOR EACH STATEMENT EXECUTE FUNCTION "keep_release_rows"();
--> statement-breakpoint
CREATE TRIGGER "role_templates_release_fixed" AFTER UPDATE ON "role_templates" REFERENCING OLD TABLE AS ot
  FOR EACH STATEMENT EXECUTE FUNCTION "keep_release_rows"();
--> statement-breakpoint
CREATE TRIGGER "role_templates_release_kept" AFTER DELETE ON "role_templates" REFERENCING OLD TABLE AS ot
  FOR EACH STATEMENT EXECUTE FUNCTION "keep_release_rows"();
--> statement-breakpoint

-- 3. Contents without a page -------------------------------------------------------------------------------------------
-- A content waits marked before it is removed, and whoever lets go of a marked one unmarks it: the wait begins anew, so
-- that nobody who read the row that is now gone can still be about to point at it when the content goes.
CREATE FUNCTION "let_go_of_contents"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE "page_contents" c SET "orphaned_at" = null, "orphaned_xid" = null
    FROM (SELECT DISTINCT "content_hash" FROM ot) o
    WHERE c."hash" = o."content_hash" AND c."orphaned_at" IS NOT NULL;
  RETURN null;
END $$;
--> statement-breakpoint
CREATE TRIGGER "pages_let_go_update" AFTER UPDATE ON "pages" REFERENCING OLD TABLE AS ot
  FOR EACH STATEMENT EXECUTE FUNCTION "let_go_of_contents"();
--> statement-breakpoint
CREATE TRIGGER "pages_let_go_delete" AFTER DELETE ON "pages" REFERENCING OLD TABLE AS ot
  FOR EACH STATEMENT EXECUTE FUNCTION "let_go_of_contents"();
--> statement-breakpoint
CREATE TRIGGER "page_versions_let_go_update" AFTER UPDATE ON "page_versions" REFERENCING OLD TABLE AS ot
  FOR EACH STATEMENT EXECUTE FUNCTION "let_go_of_contents"();
--> statement-breakpoint
CREATE TRIGGER "page_versions_let_go_delete" AFTER DELETE ON "page_versions" REFERENCING OLD TABLE AS ot
  FOR EACH STATEMENT EXECUTE FUNCTION "let_go_of_contents"();
--> statement-breakpoint
CREATE TRIGGER "workspace_update_contents_let_go" AFTER DELETE ON "workspace_update_contents" REFERENCING OLD TABLE AS ot
  FOR EACH STATEMENT EXECUTE FUNCTION "let_go_of_contents"();
--> statement-breakpoint
CREATE INDEX "page_contents_orphaned" ON "page_contents" ("orphaned_at") WHERE "orphaned_at" IS NOT NULL;
--> statement-breakpoint

-- 4. Copies made before: nothing but pages could be made in them, and of pages the origin is known ---------------------
UPDATE "funnels" f SET "origin_no" = f."funnel_no" FROM "workspace_clones" c WHERE c."copy_workspace_id" = f."workspace_id";
--> statement-breakpoint
UPDATE "themes" t SET "origin_no" = t."theme_no" FROM "workspace_clones" c WHERE c."copy_workspace_id" = t."workspace_id";
--> statement-breakpoint
UPDATE "role_templates" r SET "origin_no" = r."role_no" FROM "workspace_clones" c WHERE c."copy_workspace_id" = r."workspace_id";
