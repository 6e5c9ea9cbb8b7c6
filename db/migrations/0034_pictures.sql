CREATE TABLE "picture_files" (
	"hash" "bytea" PRIMARY KEY NOT NULL,
	"width" integer NOT NULL,
	"height" integer NOT NULL,
	"bytes" integer NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "picture_files_sha256" CHECK (octet_length("picture_files"."hash") = 32),
	CONSTRAINT "picture_files_size" CHECK ("picture_files"."width" > 0 and "picture_files"."height" > 0 and "picture_files"."bytes" > 0)
);
--> statement-breakpoint
CREATE TABLE "picture_leftovers" (
	"hash" "bytea" PRIMARY KEY NOT NULL,
	"names" text NOT NULL,
	"since" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "content_pictures" (
	"content_hash" "bytea" NOT NULL,
	"picture_hash" "bytea" NOT NULL,
	CONSTRAINT "content_pictures_content_hash_picture_hash_pk" PRIMARY KEY("content_hash","picture_hash")
);
--> statement-breakpoint
CREATE TABLE "workspace_pictures" (
	"workspace_id" bigint NOT NULL,
	"picture_no" integer NOT NULL,
	"folder" text NOT NULL,
	"name" text NOT NULL,
	"hash" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "workspace_pictures_workspace_id_picture_no_pk" PRIMARY KEY("workspace_id","picture_no")
);
--> statement-breakpoint
ALTER TABLE "content_pictures" ADD CONSTRAINT "content_pictures_content_hash_page_contents_hash_fk" FOREIGN KEY ("content_hash") REFERENCES "public"."page_contents"("hash") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "content_pictures" ADD CONSTRAINT "content_pictures_picture_hash_picture_files_hash_fk" FOREIGN KEY ("picture_hash") REFERENCES "public"."picture_files"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workspace_pictures" ADD CONSTRAINT "workspace_pictures_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workspace_pictures" ADD CONSTRAINT "workspace_pictures_hash_picture_files_hash_fk" FOREIGN KEY ("hash") REFERENCES "public"."picture_files"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "picture_files_seen" ON "picture_files" USING btree ("seen_at");--> statement-breakpoint
CREATE INDEX "picture_leftovers_since" ON "picture_leftovers" USING btree ("since");--> statement-breakpoint
CREATE INDEX "content_pictures_picture" ON "content_pictures" USING btree ("picture_hash");--> statement-breakpoint
CREATE INDEX "workspace_pictures_hash" ON "workspace_pictures" USING btree ("hash");--> statement-breakpoint

-- A copy takes over the library too. Where there is none, the fingerprint is what it was.
CREATE OR REPLACE FUNCTION "workspace_fingerprint"(p_id bigint) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
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
      FROM "pages" p WHERE p."workspace_id" = p_id),
    (SELECT string_agg('i' || i."picture_no" || ' ' || encode(i."hash", 'hex') || ' ' || to_json(i."name") || to_json(i."folder"),
        E'\n' ORDER BY i."picture_no")
      FROM "workspace_pictures" i WHERE i."workspace_id" = p_id)), 'UTF8'))
$$;
--> statement-breakpoint
CREATE TRIGGER "workspace_pictures_release_fixed" AFTER UPDATE ON "workspace_pictures" REFERENCING OLD TABLE AS ot
  FOR EACH STATEMENT EXECUTE FUNCTION "keep_release_rows"();
--> statement-breakpoint
CREATE TRIGGER "workspace_pictures_release_kept" AFTER DELETE ON "workspace_pictures" REFERENCING OLD TABLE AS ot
  FOR EACH STATEMENT EXECUTE FUNCTION "keep_release_rows"();
