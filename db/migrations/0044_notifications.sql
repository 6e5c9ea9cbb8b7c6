CREATE TYPE "public"."endpoint_delivery_status" AS ENUM('QUEUED', 'DELIVERED', 'FAILED');--> statement-breakpoint
CREATE TYPE "public"."endpoint_status" AS ENUM('ACTIVE', 'OFF');--> statement-breakpoint
CREATE TABLE "endpoint_deliveries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"endpoint_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"key" text NOT NULL,
	"body" text NOT NULL,
	"status" "endpoint_delivery_status" DEFAULT 'QUEUED' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"answer" integer,
	"problem" text,
	"next_at" timestamp (3) with time zone,
	"delivered_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "endpoint_deliveries_once" UNIQUE("endpoint_id","key")
);
--> statement-breakpoint
CREATE TABLE "endpoints" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"url" text NOT NULL,
	"kinds" text[] NOT NULL,
	"status" "endpoint_status" DEFAULT 'ACTIVE' NOT NULL,
	"secret" "bytea" NOT NULL,
	"former_secret" "bytea",
	"former_until" timestamp (3) with time zone,
	"failing_since" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "endpoints_kinds" CHECK (cardinality("endpoints"."kinds") > 0),
	CONSTRAINT "endpoints_former" CHECK (("endpoints"."former_secret" is null) = ("endpoints"."former_until" is null))
);
--> statement-breakpoint
ALTER TABLE "endpoint_deliveries" ADD CONSTRAINT "endpoint_deliveries_endpoint_id_endpoints_id_fk" FOREIGN KEY ("endpoint_id") REFERENCES "public"."endpoints"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "endpoints" ADD CONSTRAINT "endpoints_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "endpoint_deliveries_log" ON "endpoint_deliveries" USING btree ("endpoint_id","created_at","id");--> statement-breakpoint
CREATE INDEX "endpoint_deliveries_old" ON "endpoint_deliveries" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "endpoints_user" ON "endpoints" USING btree ("user_id","created_at","id");