-- Whoever may make functions or tables beside the ledger's can have its own functions call them. On servers that began
-- before version 15, everybody may.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
--> statement-breakpoint
REVOKE CREATE ON SCHEMA public FROM "offshoot_app";
