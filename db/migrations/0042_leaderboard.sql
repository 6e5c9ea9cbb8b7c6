CREATE TABLE "affiliate_materials" (
	"id" uuid PRIMARY KEY NOT NULL,
	"title" text NOT NULL,
	"body" text NOT NULL,
	"link_path" text NOT NULL,
	"image_path" text,
	"created_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"withdrawn_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "affiliates" ADD COLUMN "public_name" text;--> statement-breakpoint
ALTER TABLE "affiliate_materials" ADD CONSTRAINT "affiliate_materials_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "affiliate_materials_list" ON "affiliate_materials" USING btree ("created_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "affiliates_public_name" ON "affiliates" USING btree (lower("public_name"));