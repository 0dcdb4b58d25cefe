ALTER TABLE `grants` ADD `failed_at` integer;--> statement-breakpoint
ALTER TABLE `grants` ADD `app_refusal` text;--> statement-breakpoint
CREATE INDEX `grants_due_otherwise` ON `grants` (`state`,`retry_at`) WHERE retry_at IS NOT NULL AND app_refusal IS NULL;--> statement-breakpoint
CREATE INDEX `grants_app_refusal` ON `grants` (`failed_at`) WHERE app_refusal IS NOT NULL;--> statement-breakpoint
ALTER TABLE `integrations` ADD `app_refused_since` integer;--> statement-breakpoint
ALTER TABLE `integrations` ADD `app_refused_at` integer;--> statement-breakpoint
ALTER TABLE `integrations` ADD `app_refused_detail` text;--> statement-breakpoint
ALTER TABLE `validations` ADD `asked_at` integer;--> statement-breakpoint
ALTER TABLE `app_tokens` ADD `failed_at` integer;