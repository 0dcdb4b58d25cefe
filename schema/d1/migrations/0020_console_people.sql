ALTER TABLE `authorizations` ADD `requested_by_name` text;--> statement-breakpoint
ALTER TABLE `integrations` ADD `home_tenant_id` text;--> statement-breakpoint
ALTER TABLE `api_keys` ADD `created_by_name` text;--> statement-breakpoint
ALTER TABLE `console_sessions` ADD `person_id` text;--> statement-breakpoint
ALTER TABLE `console_sessions` ADD `person_name` text;--> statement-breakpoint
ALTER TABLE `console_sessions` ADD `role` text;--> statement-breakpoint
ALTER TABLE `console_sessions` ADD `role_source` text;--> statement-breakpoint
ALTER TABLE `console_sessions` ADD `client_id` text;--> statement-breakpoint
ALTER TABLE `console_sessions` ADD `cloud` text;--> statement-breakpoint
ALTER TABLE `console_sessions` ADD `tenant_id` text;--> statement-breakpoint
ALTER TABLE `console_sessions` ADD `last_used_at` integer;--> statement-breakpoint
CREATE INDEX `console_sessions_created` ON `console_sessions` (`created_at`,`id_hash`);--> statement-breakpoint
ALTER TABLE `events` ADD `actor_name` text;