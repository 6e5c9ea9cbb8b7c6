DROP INDEX "commissions_beneficiary";--> statement-breakpoint
DROP INDEX "activity_log_organization";--> statement-breakpoint
DROP INDEX "mails_sent";--> statement-breakpoint
DROP INDEX "payments_buyer";--> statement-breakpoint
DROP INDEX "payments_seller";--> statement-breakpoint
DROP INDEX "sandbox_objects_type";--> statement-breakpoint
DROP INDEX "reconciliation_runs_latest";--> statement-breakpoint
DROP INDEX "webhook_events_status";--> statement-breakpoint
DROP INDEX "workspace_clones_buyer";--> statement-breakpoint
DROP INDEX "workspaces_owner";--> statement-breakpoint
CREATE INDEX "payments_paid" ON "payments" USING btree ("paid_at","id");--> statement-breakpoint
CREATE INDEX "commissions_beneficiary" ON "commissions" USING btree ("beneficiary_id","created_at","id");--> statement-breakpoint
CREATE INDEX "activity_log_organization" ON "activity_log" USING btree ("organization_id","created_at","id");--> statement-breakpoint
CREATE INDEX "mails_sent" ON "mails" USING btree ("sent_at","id");--> statement-breakpoint
CREATE INDEX "payments_buyer" ON "payments" USING btree ("buyer_id","paid_at","id");--> statement-breakpoint
CREATE INDEX "payments_seller" ON "payments" USING btree ("seller_id","paid_at","id");--> statement-breakpoint
CREATE INDEX "sandbox_objects_type" ON "sandbox_objects" USING btree ("provider","type","seq");--> statement-breakpoint
CREATE INDEX "reconciliation_runs_latest" ON "reconciliation_runs" USING btree ("provider","mode","started_at","id");--> statement-breakpoint
CREATE INDEX "webhook_events_status" ON "webhook_events" USING btree ("status","received_at","id");--> statement-breakpoint
CREATE INDEX "workspace_clones_buyer" ON "workspace_clones" USING btree ("buyer_id","created_at");--> statement-breakpoint
CREATE INDEX "workspaces_owner" ON "workspaces" USING btree ("owner_id","created_at");